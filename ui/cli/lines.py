"""Write vehicles, search answers and learned clocks as lines of text for a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from index.answers import Candidate, Itinerary, Query, Ranking, Searched
from index.search.reasons import subject_of
from reid.vehicle import Attributes
from roadgraph.geojson_area import km2
from ui.cli.local_time import local_zone
from ui.web.words import clock, comes_twice, percent, zone_name

if TYPE_CHECKING:
    from index.learning.learned_clock import LearnedClock

GAPS_SHOWN = 5
LEAST_UNWATCHED = 0.01
"""From this share on it is said of how much of the time there is no footage."""
LIKELY = 0.5
"""From this probability on that nobody saw the vehicle, the answer says so first."""
DAY_S = 86_400.0
LIE = 0.002
"""No recorder drifts so much; a camera that lies about its rate of frames does."""


def readable_time(time: datetime, header: datetime | None = None) -> str:
    """Return date and time of day in the zone of this machine.

    The zone is named in the hour that comes twice, and where its distance from UTC is not that at the time by which a
    `header` names the zone: an answer may have sightings of summer and winter.
    """
    zone = local_zone()
    local = time.astimezone(zone)
    said = f"{local:%Y-%m-%d} {clock(time, zone)}"
    if header is None or comes_twice(local) or local.utcoffset() == header.astimezone(zone).utcoffset():
        return said
    return f"{said} {local.tzname()}"


def zoned_time(time: datetime) -> str:
    """Return date and time of day in the zone of this machine, with its name then: for a line without a header."""
    said, local = readable_time(time), time.astimezone(local_zone())
    return said if comes_twice(local) else f"{said} {local.tzname()}"


def vehicle_words(look: Attributes) -> str:
    """Return the colour and type of a vehicle, as in "red car"."""
    return " ".join(word for word in (look.colour, look.type) if word) or "look unknown"


def step_line(ranking: Ranking) -> str:
    """Return a line about the last finished step of a search: its time, and what is left to compare."""
    stage = ranking.stages[-1]
    return f"{stage.name:<11} {stage.seconds * 1000:7.1f} ms   {stage.cameras} cameras, {stage.sightings} sightings"


def answer_lines(ranking: Ranking, query: Query, cameras: int) -> Iterator[str]:
    """Yield whether it was seen, the candidates, the story, the area where it can be now, and what was searched.

    `cameras` is the number of cameras of the archive. Times are those of this machine's zone.
    """
    header = ranking.candidates[0].time if ranking.candidates else None
    is_seen = any((candidate.probability or 0.0) >= LIKELY for candidate in ranking.candidates)
    if ranking.searched.nobody_looked:
        yield from ("Nobody looked: these cameras have no usable footage of this time.", "")
    elif ranking.searched.searched_nothing and ranking.nobody is None and not ranking.candidates:
        yield from ("No camera was searched: nothing is known of whether it was seen.", "")
    elif not is_seen and ranking.nobody is not None and ranking.nobody >= LIKELY:
        yield from (_unseen_line(ranking.nobody, ranking.searched), "")
    elif not ranking.candidates and ranking.searched.mostly_unwatched:
        yield from (_unwatched_line(ranking.searched), "")
    if ranking.candidates:
        yield from _candidate_lines(ranking.candidates)
    elif not ranking.searched.searched_nothing:
        yield f"No sighting fits{_but_for(ranking.searched)}."
    yield from _cut_off_lines(ranking)
    yield from _rival_lines(ranking)
    yield from _unknown_lines(ranking)
    yield from _undecided_lines(ranking)
    if ranking.itinerary is not None and ranking.itinerary.stops:
        among = ranking.searched.compared if ranking.may_miss_stops else None
        yield from ("", *_story_lines(ranking.itinerary, header, among))
    if ranking.alternatives:
        probabilities = ", ".join(_percent(itinerary.probability) for itinerary in ranking.alternatives)
        yield f"Other stories: {probabilities}."
    yield from _area_lines(ranking, query)
    if ranking.rests_on is not None:
        yield f"Times rest on: {ranking.rests_on.words}."
    for doubt in ranking.doubts:
        named = doubt.naming(lambda one: f"{one.camera} {readable_time(one.time, header)} ({one.id})")
        yield f"Look at {subject_of(doubt)}: {named}"
    if ranking.settings:
        yield f"Not searched as usual (by this archive, or the environment): {', '.join(ranking.settings)}."
    yield from ("", *_searched_lines(ranking.searched, header), *_unsearched_lines(ranking.searched, query, cameras))


def _area_lines(ranking: Ranking, query: Query) -> Iterator[str]:
    """Yield where it can be now, and likely is: both begin at one stop, and are as right as it and its clock are."""
    if ranking.area_now is not None:
        ground = "in a circle of" if ranking.in_circle else "on roads within"
        beyond = ", or beyond the edge of the map, which it can have left by then" if ranking.off_map else ""
        size = f"{km2(ranking.area_now):.2f} km2"
        stop = "If its last sure stop at a known place, and the clock there, are right"
        yield from ("", f"{stop}, it can now be {ground} {size}{beyond}.")
    elif query.at is not None and ranking.rests_on is not None:
        yield from ("", "Where it can be now is not known: before then it surely passed no camera with a place.")
    if ranking.area_likely is not None:
        likely = ranking.area_likely
        size = f"{likely.km:.1f} km of road, {km2(likely.area):.2f} km2"
        sure = f"with {_percent(likely.probability)} or more within {size} of these"
        stayed = ", if it has not left the map" if ranking.off_map else ""
        yield f"It is then {sure}{stayed}."


def _cut_off_lines(ranking: Ranking) -> Iterator[str]:
    """Yield how many more there are than the first that are shown."""
    shown = len(ranking.candidates)
    if ranking.fitting is not None and ranking.fitting > shown:
        yield f"{ranking.fitting} sightings fit; these are the first {shown} of them."
    if ranking.likely is not None and ranking.likely > shown:
        likely = f"{ranking.likely} sightings have {_percent(LIKELY)} or more"
        yield f"{likely}; these are the first {shown} of them (--top)."


def _rival_lines(ranking: Ranking) -> Iterator[str]:
    """Yield that not all that are likelier than not can be right, where some of them exclude each other."""
    if ranking.rivals and ranking.likely is not None:
        several = f"Hardly one vehicle made all {ranking.likely} sightings with {_percent(LIKELY)} or more"
        yield f"{several}: its likeliest way has {ranking.likely - ranking.rivals} of them."


def _unknown_lines(ranking: Ranking) -> Iterator[str]:
    """Yield of how many sightings nobody knows whether they fit: that they are not listed says nothing of them."""
    if ranking.fitting is None or ranking.unknown == 0:
        return
    which = "those" if ranking.unknown is None else f"{ranking.unknown} of {ranking.searched.inside} sightings"
    yield f"Not listed, as nobody knows whether they fit: {which} without a read plate, or a sure type or colour."


def _undecided_lines(ranking: Ranking) -> Iterator[str]:
    """Yield why nobody says how likely it is that it was not seen, where not all could be compared."""
    told = any(stage.name == "itinerary" for stage in ranking.stages)
    if told and ranking.nobody is None and not ranking.searched.searched_nothing:
        yield (
            "How likely it was not seen at all is not known: not all sightings were compared, and of some there is "
            "nothing to compare, no picture or no read plate."
        )


def _unseen_line(nobody: float, searched: Searched) -> str:
    """Return that it was probably not seen, and of how much of the time there is no footage: of most of it, first."""
    if searched.mostly_unwatched:
        return (
            f"{_unwatched_line(searched)} In the rest it was probably not seen: {_percent(nobody)}{_but_for(searched)}."
        )
    said = f"Probably not seen by these cameras in this time: {_percent(nobody)}{_but_for(searched)}."
    if (searched.unwatched or 0.0) < LEAST_UNWATCHED:
        return said
    return f"{said} Of {_percent(searched.unwatched)} of it they have no usable footage."


def _but_for(searched: Searched) -> str:
    """Return that the answer is without what people ruled out: it would be another one if they were mistaken."""
    return f", but for {_sightings(searched.ruled_out)} that this case marks no" if searched.ruled_out else ""


def _sightings(number: int) -> str:
    return f"{number} sighting" if number == 1 else f"{number} sightings"


def _unwatched_line(searched: Searched) -> str:
    share = _percent(searched.unwatched)
    return f"Mostly nobody looked: of {share} of this time these cameras have no usable footage."


def _candidate_lines(candidates: tuple[Candidate, ...]) -> Iterator[str]:
    wide = max(6, *(len(candidate.sighting.camera) for candidate in candidates))
    header = candidates[0].time
    zone = f"time ({zone_name(header, local_zone())})"
    wide_time = max(len(zone), 19)
    yield f"  #   prob  {'camera':<{wide}}  {zone:<{wide_time}}  {'vehicle':<18}  why"
    for number, candidate in enumerate(candidates, start=1):
        sighting = candidate.sighting
        plate = f" {sighting.plate.text}" if sighting.plate and sighting.plate.text else ""
        vehicle = vehicle_words(sighting.attributes) + plate
        place_and_time = f"{sighting.camera:<{wide}}  {readable_time(candidate.time, header):<{wide_time}}"
        yield f"{number:>3}  {_percent(candidate.probability):>5}  {place_and_time}  {vehicle:<18}  {candidate.why}"
        yield f"{'':>12}{sighting.id}"


def _story_lines(itinerary: Itinerary, header: datetime | None, among: int | None) -> Iterator[str]:
    """Yield the stops; where only so many were compared, nobody knows whether others are stops, too."""
    few = "" if among is None else f" of the {among} sightings compared; it may have passed others, too"
    yield f"Its way ({_percent(itinerary.probability)} as a whole{few}):"
    for stop in itinerary.stops:
        yield f"  {readable_time(stop.time, header)}  {stop.camera}  {_percent(stop.probability)}"


def _searched_lines(searched: Searched, header: datetime | None) -> Iterator[str]:
    few = "" if searched.compared == searched.inside else f", the likeliest {searched.compared} of them compared"
    few += f", without {searched.ruled_out} that this case marks no" if searched.ruled_out else ""
    yield f"Searched {searched.cameras} cameras, {searched.inside} of {searched.of} sightings{few}."
    for gap in searched.gaps[:GAPS_SHOWN]:
        start, end = readable_time(gap.start, header), readable_time(gap.end, header)
        yield f"  {gap.camera} did not look, {start} to {end}: {gap.why}"
    if len(searched.gaps) > GAPS_SHOWN:
        yield f"  and {len(searched.gaps) - GAPS_SHOWN} more gaps (--json lists them)"


def _unsearched_lines(searched: Searched, query: Query, cameras: int) -> Iterator[str]:
    """Yield how many cameras were left out, and why: where nobody looked, nothing is known to be absent."""
    left_out = cameras - searched.cameras
    if left_out <= 0:
        return
    narrowed = bool(query.cameras) or query.area is not None
    why = "the question leaves them out, or they cannot be reached in time" if narrowed else "not reachable in time"
    yield f"  not searched: {left_out} of {cameras} cameras, {why}"


def _percent(probability: float | None) -> str:
    return "-" if probability is None else percent(probability)


def clock_line(clock: "LearnedClock") -> str:
    """Return what was found of a clock, and whether searches use it."""
    found = clock.estimate
    span = f"{found.offset_s:+.1f} s ahead, between {found.low_s:+.1f} and {found.high_s:+.1f} s"
    span += drift_words(clock.rate.drift, *clock.rate.drift_bounds)
    use = (
        "searches put it right"
        if clock.is_found
        else "searches allow for that"
        if clock.kept
        else "too uncertain to be used"
    )
    return f"clock of {clock.camera}: {span}, by about {clock.vehicles:.0f} vehicles; {use}"


def drift_words(drift: float, low: float, high: float) -> str:
    """Return what a clock gains: in seconds a day, in percent where it lies about its rate, or "" where nothing."""
    if drift == 0.0:
        return ""
    if abs(drift) < LIE:
        return f", gaining {drift * DAY_S:+.0f} s a day ({low * DAY_S:+.0f} to {high * DAY_S:+.0f})"
    return f", gaining {drift:+.2%} ({low:+.2%} to {high:+.2%})"
