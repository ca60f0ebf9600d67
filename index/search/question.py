"""Make one question: permission asked, the audit written, what the search knows gathered into one value."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from time import perf_counter

import numpy as np

from index.access import audit
from index.access.permissions import Permission, require
from index.answers import Query
from index.errors import ArchiveError
from index.map.places import Places, place_book, placements_of
from index.search.calibration import Calibration, EvidenceWeights, calibration_of, packaged_calibration
from index.search.drives import USUAL_DOUBT, ClockDoubt, Drives
from index.search.gallery import Gallery, Inside, gather
from index.search.plate_memory import PlateMemory
from index.search.scope import Scope, scope_of
from index.search.target import Target, target_of
from index.search.turned_cameras import headings_as_posed
from index.search.ways import Ways
from index.store.archive import Archive
from index.store.catalogue import cases, footage, sightings
from index.store.catalogue.people import Person
from reid.arrays import Flags, Floats
from roadgraph.geojson_area import bounds
from roadgraph.reachability import ReachOptions
from roadgraph.way_past import Pose, road_or_way

LEAST_WINDOW_S = 60.0

MOST_JOINED = 120
"""Of more sightings that people confirmed no more are joined: a way of thousands takes hours and all memory."""

LONGEST_AREA = 10_000
"""The audit is kept for ever: of an area of more characters of GeoJSON it keeps hash, length and bounds."""

AREA_SHA256 = "area_sha256"
"""Names the hash of an area that the audit does not keep whole: of its JSON with sorted keys."""

_KINDS = frozenset(field.name for field in fields(EvidenceWeights))

KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "looks": ("appearance",),
    "travel": ("travel", "links"),
    "direction": ("direction", "way_back"),
}
"""Part of a search -> the kinds of evidence that it is, where these are not called the same."""

PARTS = ("looks", "plate", "travel", "direction", "links", "clocks", "prior", "story")
"""What a search can be told to do without, to see what each part brings."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a question is answered.

    `prune` leaves out what the roads make impossible; `slack` allows for speeding, `clock_slack_s` for wrong clocks,
    and `clocks` says how usual these are. Of more than `shortlist` sightings only the likeliest are fetched, and the
    `story_candidates` likeliest are linked with each other and may be part of the story. The area now starts from the
    last stop of `area_probability` or more: from a wrong stop it would be a wrong area. The likely area holds the
    target with `likely_probability`.

    `without` names parts that take no part: a kind of evidence; what is known of clocks; that some sightings are
    likelier than others beforehand; what the story changes in the ranking. `plate_memory` keeps the features of plates
    from one question to the next, for a caller who asks many. `calibration` is used in place of the packaged one, to
    compare two; what an archive keeps of its own still comes first. Without `route` the best story comes without its
    way on the map, for a caller who shows no map.
    """

    prune: bool = True
    slack: float = 1.3
    clock_slack_s: float = 60.0
    clocks: ClockDoubt = USUAL_DOUBT
    shortlist: int = 5000
    story_candidates: int = 120
    area_slack: float = 1.0
    likely_probability: float = 0.8
    area_probability: float = 0.9
    without: frozenset[str] = frozenset()
    plate_memory: PlateMemory | None = None
    calibration: Calibration | None = None
    route: bool = True

    def __post_init__(self) -> None:
        """Refuse what no question can be answered with; a file of settings may come from anybody."""
        unknown = sorted(self.without.difference(PARTS))
        if unknown:
            raise ArchiveError(f"a search has no part {unknown[0]!r} to leave out: choose of {', '.join(PARTS)}")
        for name in ("shortlist", "story_candidates"):
            if getattr(self, name) < 1:
                raise ArchiveError(f"search.{name} is {getattr(self, name)}: at least 1")
        for name in ("likely_probability", "area_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ArchiveError(f"search.{name} is {getattr(self, name):g}, which is no probability: 0 to 1")
        if self.area_slack <= 0 or self.clock_slack_s < 0:
            raise ArchiveError("search.area_slack must be above 0, and search.clock_slack_s not below 0")

    @property
    def changed(self) -> tuple[str, ...]:
        """Return what is not as usual, as "slack = 2 (else 1.3)": such settings may have come with an archive."""
        usual = SearchOptions()
        apart = ("plate_memory", "clocks", "without", "calibration", "route")
        names = [field.name for field in fields(self) if field.name not in apart]
        changed = [name for name in names if getattr(self, name) != getattr(usual, name)]
        said = [f"{name} = {getattr(self, name):g} (else {getattr(usual, name):g})" for name in changed]
        said += ["another calibration"] if self.calibration is not None else []
        return (*said, *([f"without {', '.join(sorted(self.without))}"] if self.without else []))

    @property
    def weightless(self) -> frozenset[str]:
        """Return the kinds of evidence that weigh nothing, by their names in `EvidenceWeights`."""
        return frozenset(kind for part in self.without for kind in KINDS_OF.get(part, (part,))) & _KINDS


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when the target surely was, and on which directed road, None where that is not known."""

    camera: str
    time_s: float
    edge: int | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """The sightings that people confirmed in a case, and those that they ruled out.

    With `about_another` the sighting asked about was ruled out, too: the case is about another one, and none counts.
    """

    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    about_another: bool = False

    def about(self, sighting: str | None) -> "Marks":
        """Return the marks that count in a question about a sighting."""
        return Marks(about_another=True) if sighting in self.no else self


@dataclass(frozen=True, slots=True)
class BoundedQuestion:
    """A question that was allowed and written down, bounded in place and time; its gallery is not fetched yet."""

    archive: Archive
    query: Query
    options: SearchOptions
    places: Places
    target: Target
    scope: Scope
    drives: Drives | None
    calibration: Calibration
    marks: Marks
    began: float

    @property
    def compares(self) -> bool:
        """Tell whether there is a vehicle to compare with; a description alone only lists what fits it."""
        pattern = self.target.pattern
        return (
            bool(self.query.pictures) or self.query.sighting is not None or (pattern is not None and pattern.is_whole)
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What every kind of evidence is computed from: the target, the gallery, the drives and ways, the calibration.

    With `even_prior` every sighting is as likely beforehand as any other, and one of them is expected. `fitting` has
    the plate text of each sighting that fits a pattern, None where there is none; empty where nobody asked by one.
    """

    query: Query
    target: Target
    gallery: Gallery
    drives: Drives | None
    calibration: Calibration
    confirmed: frozenset[str] = frozenset()
    ways: Ways | None = None
    even_prior: bool = False
    fitting: tuple[str | None, ...] = ()

    def of_two_plates(self, rows: Sequence[int]) -> Flags:
        """Return which of some rows fit the pattern asked for by different texts, (n, n): one vehicle has one plate."""
        texts = np.array([(self.fitting[row] if self.fitting else None) or "" for row in rows], dtype=np.str_)
        fit = texts != ""
        return np.asarray(fit[:, None] & fit[None, :] & (texts[:, None] != texts[None, :]))

    @property
    def joined(self) -> list[int]:
        """Return the rows of the confirmed sightings that a way joins: of very many, those nearest to the moment."""
        rows = [row for row, sighting in enumerate(self.gallery.sightings) if sighting.id in self.confirmed]
        if len(rows) <= MOST_JOINED:
            return rows
        from_s = 0.0 if self.start is None else self.start.time_s
        nearest = np.argsort(np.abs(self.gallery.time_s[rows] - from_s), kind="stable")[:MOST_JOINED]
        return sorted(np.array(rows)[nearest].tolist())

    @property
    def start(self) -> Moment | None:
        """Return the moment asked about; None if its camera or its time is not known."""
        target = self.target
        if target.camera is None or target.time is None:
            return None
        return Moment(target.camera, (target.time - self.gallery.epoch).total_seconds(), target.edge)

    @property
    def window_s(self) -> Floats:
        """Return for each sighting the seconds over which other vehicles come and go on its side of the moment.

        They reach as far as the sightings of that side: where footage ends before the horizon, nobody is seen after it.
        """
        start, time_s = self.start, self.gallery.time_s
        if start is None:
            return np.full(len(self.gallery), self.query.horizon_s)
        elapsed_s = time_s - start.time_s
        before = np.max(-elapsed_s, initial=LEAST_WINDOW_S, where=elapsed_s < 0)
        after = np.max(elapsed_s, initial=LEAST_WINDOW_S, where=elapsed_s >= 0)
        return np.where(elapsed_s < 0, before, after)

    @property
    def gallery_size(self) -> Floats:
        """Return among how many sightings each is picked: before and after count as two questions."""
        sides = 2 if self.query.direction == "both" and self.target.time is not None else 1
        return np.full(len(self.gallery), self.gallery.size / sides)


def bound(archive: Archive, query: Query, person: Person, options: SearchOptions) -> BoundedQuestion:
    """Ask for permission, gather the target and its scope, and write the question down; no answer exists before."""
    require(archive, person, Permission.SEARCH)
    began = perf_counter()
    trust_clocks = "clocks" not in options.without
    target = target_of(archive, query, trust_clocks=trust_clocks)
    places = _places_around(archive, query, target)
    reaching = None
    if options.prune:
        reaching = ReachOptions(query.horizon_s, options.slack, options.clock_slack_s, query.direction)
    scope = scope_of(archive, places, query, target, reaching, trust_clocks=trust_clocks)
    marks = marks_of(archive, query.case).about(query.sighting)
    with archive.catalogue.reading() as connection:
        calibration = calibration_of(connection, target.model_id, options.calibration or packaged_calibration())
    settings = (*options.changed, *calibration.own)
    audit.record(archive, person, "search", _detail(query, settings), reason=query.reason, case=query.case)
    drives = None
    if places.travel.times is not None and places.ids:
        with archive.catalogue.reading() as connection:
            weather = None if target.time is None else footage.weather_at(connection, [target.time])[0]
        errors_s = scope.clock_errors_s(target.time)
        drives = Drives(places.travel, target.time, weather=weather, doubt=options.clocks, error_s=errors_s)
    weights, links = calibration.weights.without(options.weightless), calibration.links.without(options.weightless)
    calibration = replace(calibration, weights=weights, links=links)
    return BoundedQuestion(archive, query, options, places, target, scope, drives, calibration, marks, began)


def _places_around(archive: Archive, query: Query, target: Target) -> Places:
    """Return the places of the time asked about; a camera that was moved within the horizon may be at either.

    Without a time one that was ever moved may be.
    """
    around = timedelta(seconds=query.horizon_s + query.slack_s)
    return place_book(archive).at(target.time, around, but=None if target.time is None else target.camera)


def with_gallery(bounded: BoundedQuestion, inside: Inside) -> Question:
    """Return the question with its gallery, without the sightings that people ruled out."""
    target, calibration = bounded.target, bounded.calibration
    scale, shortlist = calibration.scale_of(target.model_id or ""), bounded.options.shortlist
    gallery = gather(bounded.archive, target, bounded.scope, inside, scale, shortlist=shortlist)
    gallery = gallery.without(bounded.marks.no)
    marked, ways = bounded.marks.yes, _ways_of(bounded.places)
    if ways is not None and ways.graph is None:
        target = replace(target, edge=road_or_way(target.edge, target.heading_deg))
        gallery = gallery.by_ways(_headings(bounded, gallery, ways.poses))
    even_prior = "prior" in bounded.options.without
    return Question(bounded.query, target, gallery, bounded.drives, calibration, marked, ways, even_prior)


def _headings(bounded: BoundedQuestion, gallery: Gallery, poses: Mapping[str, Pose]) -> dict[str, float]:
    """Return the heading of each sighting in the picture of its camera as that looks at the time asked about."""
    with bounded.archive.catalogue.reading() as connection:
        headings = sightings.headings_of(connection, gallery.ids)
    seen = zip(gallery.sightings, gallery.true_times(range(len(gallery))), strict=True)
    return headings_as_posed(headings, seen, placements_of(bounded.archive).everywhere(), poses)


def _ways_of(places: Places | None) -> Ways | None:
    """Return the ways between cameras, None where neither roads nor bearings nor vehicles tell them."""
    if places is None or places.travel.times is None:
        return None
    looks_somewhere = any(pose.bearing_deg is not None for pose in places.poses.values())
    if places.graph is None and not (places.next_counts.passages or looks_somewhere):
        return None
    return Ways(places.graph, places.travel.times, places.next_counts, places.poses)


def marks_of(archive: Archive, case: str | None) -> Marks:
    """Return the last mark on each sighting of a case; "unsure" counts as none."""
    if case is None:
        return Marks()
    with archive.catalogue.reading() as connection:
        marks = cases.marks_of(connection, cases.get(connection, case).id)
    yes, no = (frozenset(one.sighting for one in marks if one.verdict == verdict) for verdict in ("yes", "no"))
    return Marks(yes, no)


def _detail(query: Query, settings: Sequence[str]) -> Mapping[str, object]:
    """Return what the audit keeps of a query: everything, pictures as their hashes, and settings that are not usual.

    Of a large area, too, it keeps the hash.
    """
    named = {field.name: getattr(query, field.name) for field in fields(query)}
    named["pictures"] = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in query.pictures]
    for name in ("time", "at"):
        named[name] = named[name].isoformat() if named[name] else None
    named["area"] = _area_detail(query.area)
    named["settings"] = tuple(settings)
    return {name: value for name, value in named.items() if value not in (None, (), [])}


def _area_detail(area: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Return an area as the audit keeps it: whole, so that it can be asked again, or what is in its place if large."""
    written = json.dumps(area, sort_keys=True)
    if area is None or len(written) <= LONGEST_AREA:
        return area
    return {
        AREA_SHA256: hashlib.sha256(written.encode()).hexdigest(),
        "characters": len(written),
        "bounds": [round(degrees, 6) for degrees in bounds(area)],
    }
