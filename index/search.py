"""Search progressively: yield a better ranking at each step, from what can be reached to the whole story."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import chunks, glimpses, sightings
from index.catalogue.chunks import Coverage
from index.catalogue.people import Person
from index.inquiry import weighing
from index.inquiry.calibration import default
from index.inquiry.clock_doubt import USUAL_DOUBT, ClockDoubt, DoubtedDrives
from index.inquiry.drives import Drives, RoadDrives, UnknownDrives
from index.inquiry.evidence import drive_ratio
from index.inquiry.feedback import Marks, marks_of
from index.inquiry.fitting import Measured
from index.inquiry.fusion import Ratios
from index.inquiry.gallery import Gallery, Inside, gather, look_inside
from index.inquiry.hypothesis import gaps
from index.inquiry.plate_looks import looks_llr
from index.inquiry.progress import Ending, Progress
from index.inquiry.scope import Scope, scope_of
from index.inquiry.telling import Telling, tell_gallery
from index.inquiry.wanted import wanted_of
from index.inquiry.weighing import Scales
from index.inquiry.whereabouts import area_now, calls_of, route_of
from index.learning import looks_memory
from index.office import audit
from index.office.access import Permission, require
from index.places import Places
from index.sighting import Look, Query, Ranking, Searched, Sighting
from reid.vehicle import Plate
from roadgraph.reachability import ReachOptions

if TYPE_CHECKING:
    from index.archive import Archive

Floats = npt.NDArray[np.float64]

STAGES = ("hypothesis", "appearance", "plate", "travel", "fusion", "itinerary")
CONFIRMED_LOG_ODDS = 20.0
"""What a person's yes adds in the story."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a question is worked on.

    `prune` leaves out what the roads make impossible; `slack` forgives speeding, `clock_slack_s` wrong clocks, and
    `clocks` says how usual these are. Of more than `shortlist` sightings only the likeliest are fetched. Sightings of
    `anchor_probability` or more become anchors, up to `anchors`; the story is told of the `told` likeliest. The area
    now starts from the last stop of `area_probability` or more: from a wrong one it would be a wrong area.
    """

    prune: bool = True
    slack: float = 1.3
    clock_slack_s: float = 60.0
    clocks: ClockDoubt = USUAL_DOUBT
    shortlist: int = 5000
    anchors: int = 6
    anchor_probability: float = 0.95
    told: int = 120
    area_slack: float = 1.0
    area_probability: float = 0.9


def search(archive: "Archive", query: Query, person: Person, options: SearchOptions | None = None) -> Iterator[Ranking]:
    """Answer a question step by step; who may not search is refused, and who may is written down, before it starts."""
    return _steps(_begin(archive, query, person, options or SearchOptions()))


def measure(archive: "Archive", query: Query, person: Person, options: SearchOptions | None = None) -> Measured:
    """Return the evidence of every sighting of a question as numbers, to fit a calibration on."""
    work = _begin(archive, query, person, options or SearchOptions())
    gallery = work.gallery(work.inside())
    fit, window_s = weighing.fit_from_start(work.scales, gallery), weighing.window_s(work.scales, gallery)
    return Measured(
        ids=tuple(sighting.id for sighting in gallery.sightings),
        model_id=work.scales.wanted.model_id,
        similarity=gallery.similarity,
        plate=weighing.plates(work.scales, gallery, work.plates(gallery), work.plate_looks(gallery)),
        drive=drive_ratio(fit.log_density, window_s),
        possible=fit.log_possible,
        direction=weighing.direction(work.scales, gallery),
        crowd=weighing.crowd(work.scales, gallery),
        window_s=window_s,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """One question and all that its steps share."""

    archive: "Archive"
    options: SearchOptions
    places: Places | None
    scales: Scales
    scope: Scope
    marks: Marks
    began: float

    def inside(self) -> Inside:
        return look_inside(self.archive, self.scope, shortlist=self.options.shortlist)

    def gallery(self, inside: Inside) -> Gallery:
        wanted, shortlist = self.scales.wanted, self.options.shortlist
        scale = self.scales.calibration.looks_of(wanted.model_id or "")
        found = gather(self.archive, wanted, self.scope, inside, scale, shortlist=shortlist)
        return found.without(self.marks.no)

    def looks(self, gallery: Gallery) -> dict[str, Look]:
        if self.scales.wanted.type is None and self.scales.wanted.colour is None:
            return {}
        with self.archive.catalogue.reading() as connection:
            return glimpses.looks(connection, gallery.ids)

    def plates(self, gallery: Gallery) -> dict[str, Plate]:
        if not self.scales.wanted.has_text:
            return {}
        with self.archive.catalogue.reading() as connection:
            return glimpses.plates_of(connection, gallery.ids)

    def plate_looks(self, gallery: Gallery) -> Floats | None:
        wanted = self.scales.wanted.plate_looks
        if wanted is None:
            return None
        return looks_llr(self.archive, wanted, gallery.ids, gallery.appearance, self.scope.windows)

    def whole(self, ids: Sequence[str]) -> list[Sighting]:
        with self.archive.catalogue.reading() as connection:
            return sightings.by_ids(connection, ids)

    def searched(self, inside: Inside) -> Searched:
        wanted = self.scope.windows or ()
        bounded = self.scales.wanted.time is not None and len(wanted) > 0
        with self.archive.catalogue.reading() as connection:
            total = sightings.count(connection)
            covered: Mapping[str, Sequence[Coverage]] = {}
            if bounded:
                first, last = min(one.start for one in wanted), max(one.end for one in wanted)
                covered = chunks.covered_between(connection, first, last)
        return Searched(len(self.scope.cameras), inside.size, total, gaps(wanted, covered) if bounded else ())

    def tell(self, gallery: Gallery, ratios: Ratios) -> Telling:
        claims = weighing.odds(self.scales, gallery, replace(ratios, travel=np.full_like(ratios.travel, np.nan)))
        confirmed = [row for row, one in enumerate(gallery.sightings) if one.id in self.marks.yes]
        claims[confirmed] = CONFIRMED_LOG_ODDS
        likely = np.argsort(-weighing.odds(self.scales, gallery, ratios), kind="stable")[: self.options.told]
        return tell_gallery(self.scales, gallery, claims, sorted({*likely.tolist(), *confirmed}))

    def ending(self, gallery: Gallery, told: Telling) -> Ending:
        query, wanted = self.scales.query, self.scales.wanted
        edges = {sighting.id: sighting.edge for sighting in gallery.sightings}
        start = [] if wanted.camera is None or wanted.time is None else [(wanted.camera, wanted.time, wanted.edge)]
        calls = sorted([*calls_of(told.best.stops, edges), *start], key=lambda call: call[1])
        sure = [stop for stop in told.best.stops if stop.probability >= self.options.area_probability]
        best = replace(told.best, route=route_of(self.places, calls))
        area = area_now(self.places, [*calls_of(sure, edges), *start], query.at, self.options.area_slack)
        return Ending(best, told.alternatives, area)


def _begin(archive: "Archive", query: Query, person: Person, options: SearchOptions) -> _Work:
    """Ask for permission, find out what is wanted, and write the question down; no answer exists before that."""
    require(archive, person, Permission.SEARCH)
    began = perf_counter()
    wanted = wanted_of(archive, query)
    places = archive.places if wanted.time is None else archive.place_book.at(wanted.time)
    reaching = ReachOptions(query.horizon_s, options.slack, options.clock_slack_s, query.direction)
    scope = scope_of(archive, places, query, wanted, reaching if options.prune else None)
    marks = marks_of(archive, query.case)
    audit.record(archive, person, "search", _detail(query), reason=query.reason, case=query.case)
    drives = _drives(places, wanted.time, scope.clocks, options.clocks)
    with archive.catalogue.reading() as connection:
        calibration = looks_memory.recall(connection, default(), wanted.model_id)
    return _Work(archive, options, places, Scales(query, wanted, drives, calibration), scope, marks, began)


def _drives(places: Places | None, at: datetime | None, compared: Collection[str], clocks: ClockDoubt) -> Drives:
    """Return what is known of drives between cameras, the clocks that were never `compared` doubted."""
    if places is None:
        return UnknownDrives()
    return DoubtedDrives(RoadDrives(places.travel, at), compared, clocks)


def _steps(work: _Work) -> Iterator[Ranking]:
    """Yield a ranking after each step; between two steps the clock stands still."""
    scales, options, inside = work.scales, work.options, work.inside()
    progress = Progress(
        work.began,
        scales.query.top,
        work.searched(inside),
        work.whole,
        confirmed=work.marks.yes,
        compares_texts=scales.wanted.has_text,
    )
    yield progress.bound()
    progress.resume()
    gallery = work.gallery(inside)
    ratios = replace(
        Ratios.nothing(len(gallery.sightings)), appearance=weighing.looks(scales, gallery, work.looks(gallery))
    )
    yield progress.rank("appearance", gallery, ratios, weighing.chances(scales, gallery, ratios))
    progress.resume()
    ratios = replace(ratios, plate=weighing.plates(scales, gallery, work.plates(gallery), work.plate_looks(gallery)))
    yield progress.rank("plate", gallery, ratios, weighing.chances(scales, gallery, ratios))
    progress.resume()
    arrival = weighing.travel(scales, gallery, weighing.fit_from_start(scales, gallery))
    ratios = replace(ratios, travel=arrival, direction=weighing.direction(scales, gallery))
    yield progress.rank("travel", gallery, ratios, weighing.chances(scales, gallery, ratios))
    progress.resume()
    ratios = weighing.near_to_distant(
        scales, gallery, ratios, confirmed=work.marks.yes, least=options.anchor_probability, most=options.anchors
    )
    chances = weighing.chances(scales, gallery, ratios)
    yield progress.rank("fusion", gallery, ratios, chances)
    progress.resume()
    told = work.tell(gallery, ratios)
    yield progress.end(
        "itinerary", gallery, ratios, np.fmax(told.probability, _untold(chances, told)), work.ending(gallery, told)
    )


def _untold(chances: Floats, told: Telling) -> Floats:
    """Return the chances of those that were too unlikely to be weighed in the story."""
    return np.where(np.isnan(told.probability), chances, np.nan)


def _detail(query: Query) -> Mapping[str, object]:
    """Return what the audit keeps of a question: everything, pictures as their hashes."""
    named = {field.name: getattr(query, field.name) for field in fields(query)}
    named["pictures"] = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in query.pictures]
    for name in ("time", "at"):
        named[name] = named[name].isoformat() if named[name] else None
    return {name: value for name, value in named.items() if value not in (None, (), [])}
