"""Define what a search is asked and what it answers, as frozen values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from index.records import Sighting, Window
from reid.vehicle import Image


@dataclass(frozen=True, slots=True)
class Query:
    """What an investigator asks; what is not known is None or empty.

    `pictures` are RGB crops of the vehicle. `time` is true time, known to within `slack_s`. `direction` is "after",
    "before" or "both". `at` is the "now" of the area in which the vehicle can be.
    """

    pictures: tuple[Image, ...] = ()
    sighting: str | None = None
    plate: str | None = None
    type: str | None = None
    colour: str | None = None
    camera: str | None = None
    place: tuple[float, float] | None = None
    radius_m: float = 0.0
    time: datetime | None = None
    slack_s: float = 0.0
    direction: str = "both"
    horizon_s: float = 1800.0
    at: datetime | None = None
    cameras: tuple[str, ...] = ()
    area: Mapping[str, object] | None = None
    top: int = 20
    reason: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-likelihood ratios, same vehicle against another vehicle; None is missing and takes no part.

    `direction` is of the road past another camera than the one asked about, `way_back` of that past the same one, and
    `links` is what the sightings before and after it add.
    """

    appearance: float | None = None
    plate: float | None = None
    travel: float | None = None
    direction: float | None = None
    way_back: float | None = None
    links: float | None = None

    @property
    def way(self) -> float | None:
        """Return what the road says that was taken past the camera, whichever camera it is."""
        return self.direction if self.way_back is None else self.way_back


@dataclass(frozen=True, slots=True)
class NamedSighting:
    """A sighting that a reason names, with its camera and true time."""

    id: str
    camera: str
    time: datetime


@dataclass(frozen=True, slots=True)
class NamedSightings:
    """The sightings that a reason names: those shown, the ids of those that are gone, and how many `more` there are."""

    shown: tuple[NamedSighting, ...]
    gone: tuple[str, ...] = ()
    more: int = 0

    def __str__(self) -> str:
        """Return them by their ids."""
        return self.words(lambda one: one.id)

    def words(self, tell: Callable[[NamedSighting], str]) -> str:
        """Return them as they are to be told; those that are gone by their ids."""
        return ", ".join((*map(tell, self.shown), *self.gone)) + (f" (+{self.more})" if self.more else "")


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for or against a candidate: an English text with {blanks}, and what fills them."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the text with its blanks filled."""
        return self.text.format(**self.values)

    def naming(self, tell: Callable[[NamedSighting], str]) -> "Reason":
        """Return the reason with the sightings that it names as they are to be told."""
        named = {name: one.words(tell) for name, one in self.values.items() if isinstance(one, NamedSightings)}
        return replace(self, values={**self.values, **named})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sighting that may be the target; `time` is true time (camera clock less its offset).

    `probability` is None in a listing: nothing was compared. `pieces` are further sightings of the same passage, which
    its camera lost and saw again; they are no candidates of their own.
    """

    sighting: Sighting
    time: datetime
    probability: float | None
    evidence: Evidence
    reasons: tuple[Reason, ...] = ()
    pieces: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Return the reasons in English, the strongest first."""
        return "; ".join(str(reason) for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Stop:
    """A sighting that an itinerary claims for the target."""

    sighting: str
    camera: str
    time: datetime
    probability: float


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The stops of one story in order of time, how probable the whole story is, and its route as [lon, lat] pairs."""

    stops: tuple[Stop, ...]
    probability: float
    route: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A finished step of the search: its duration, and how many cameras and sightings remained after it."""

    name: str
    seconds: float
    cameras: int
    sightings: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a window that no usable footage covers, and why."""

    camera: str
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched: cameras, the sightings inside their windows, of how many in the archive, and the gaps.

    `compared` of those inside were weighed: all, or the likeliest where they are too many. `windows` are when the
    vehicle can have passed each camera, by the camera's clock; none where nothing bounds the time. So many inside (of a
    listing: of those that fit) are `ruled_out`, marked *no* in the case of the question: the answer is without them.
    `own` of those inside are what the question is about.
    """

    cameras: int
    inside: int
    of: int
    gaps: tuple[Gap, ...] = ()
    compared: int = 0
    windows: Sequence[Window] = ()
    ruled_out: int = 0
    own: int = 0

    @property
    def unwatched(self) -> float | None:
        """Return the share of the windows that no usable footage covers; None where nothing bounds the time."""
        # Sums of durations are exact, those of seconds are not: where all is missing, all is.
        whole, missing = (
            sum((one.end - one.start for one in stretches), timedelta()) for stretches in (self.windows, self.gaps)
        )
        return min(1.0, missing / whole) if whole > timedelta() else None

    @property
    def nobody_looked(self) -> bool:
        """Tell whether nothing else was seen, and no usable footage covers any of the windows, or nothing was ever."""
        return self.inside <= self.own and (self.unwatched == 1.0 or (not self.of and self.cameras > 0))

    @property
    def mostly_unwatched(self) -> bool:
        """Tell whether no usable footage covers most of the windows: that nobody was seen says little then."""
        return (self.unwatched or 0.0) > 0.5

    @property
    def searched_nothing(self) -> bool:
        """Tell whether there was nothing to search: no camera of the question can be reached, or nobody looked."""
        return self.cameras == 0 or self.nobody_looked


@dataclass(frozen=True, slots=True)
class RestsOn:
    """What the travel times of an answer rest on: a road map, places of cameras, passages that taught them.

    `no_way` are cameras to or from which the map knows no way: they are weighed by the straight line. `moved` are those
    that were moved in the time of the question: how far they were is not known.
    """

    road_map: bool = True
    places: bool = True
    known_passages: int = 0
    no_way: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say it in words."""
        if not self.moved:
            return self._known
        return f"{self._known}; moved in this time, so that their times are not known: {_few(self.moved)}"

    @property
    def _known(self) -> str:
        taught = f"{self.known_passages} known passages" if self.known_passages else ""
        if not self.road_map:
            line = "straight-line distance" if self.places else ""
            rest = " and ".join(part for part in (taught, line) if part)
            lacking = "no road map" if self.places else "no road map and no places of cameras"
            return f"{lacking}: times from {rest}" if rest else f"{lacking}: nothing is known of times yet"
        known = f"road map, times refined by {taught}" if taught else "road map"
        if not self.no_way:
            return known
        return f"{known}; the map knows no way to {_few(self.no_way)}: weighed by the straight line"


@dataclass(frozen=True, slots=True)
class LikelyArea:
    """The smaller part of the area now in which the target is with at least this probability, as a GeoJSON geometry.

    The probability holds if the last certain stop of the story is right; `km` is the length of road in the area.
    """

    probability: float
    km: float
    area: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer so far; each step of the search yields a better one. `area_now` is a GeoJSON geometry.

    With `off_map` it can have left the map by then, on which both areas lie: what is beyond is not known.
    With `in_circle` the area now is a circle, as the last place is off the roads.
    `rests_on` says what the travel times are known from; None where no time was weighed.
    `order` has the ids of all that were weighed, of which `candidates` tells the first; empty in a listing.
    `fitting` is how many sightings fit a description, of which a listing shows the first; None where it is no listing.
    Of `unknown` sightings inside nobody knows whether they fit, as no plate was read, or no type or colour is known;
    None where it is no listing, or where they are too many to count.
    `likely` is how many sightings are likelier than not, of which `candidates` has the first; None in a listing.
    So many `rivals` among them are not in the itinerary: hardly one vehicle made them and those that are.
    `settings` are those of the search that are not as usual, in words; `doubts` what of the case's marks, or of the
    question, to look at.
    `nobody` is the probability that no sighting inside is the target; None until the story was told, in a listing,
    where no camera was searched or nobody looked, and where too many are inside to look at those that have nothing to
    compare: plates that were not read, imports without pictures.
    """

    stages: tuple[Stage, ...]
    candidates: tuple[Candidate, ...]
    itinerary: Itinerary | None = None
    alternatives: tuple[Itinerary, ...] = ()
    area_now: Mapping[str, object] | None = None
    area_likely: LikelyArea | None = None
    off_map: bool = False
    in_circle: bool = False
    nobody: float | None = None
    searched: Searched = field(default_factory=lambda: Searched(0, 0, 0))
    fitting: int | None = None
    unknown: int | None = None
    rests_on: RestsOn | None = None
    settings: tuple[str, ...] = ()
    doubts: tuple[Reason, ...] = ()
    likely: int | None = None
    rivals: int = 0
    order: tuple[str, ...] = ()

    @property
    def may_miss_stops(self) -> bool:
        """Tell whether the story is one of those compared alone: others may show the target, too."""
        return self.itinerary is not None and bool(self.itinerary.stops) and self.nobody is None


def _few(cameras: tuple[str, ...]) -> str:
    return ", ".join(cameras[:3]) + (" and more" if len(cameras) > 3 else "")
