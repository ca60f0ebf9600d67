"""Write vehicles, search answers and learned clocks as lines of text for a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from index.answers import Candidate, Itinerary, Ranking, Searched
from reid.vehicle import Attributes
from roadgraph.geojson_area import km2

if TYPE_CHECKING:
    from index.learning.clocks import LearnedClock

GAPS_SHOWN = 5


def readable_time(time: datetime) -> str:
    """Return date and time of day without the zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def vehicle_words(look: Attributes) -> str:
    """Return the colour and type of a vehicle, as in "red car"."""
    return " ".join(word for word in (look.colour, look.type) if word) or "look unknown"


def step_line(ranking: Ranking) -> str:
    """Return a line about the last finished step of a search: its time, and what is left to compare."""
    stage = ranking.stages[-1]
    return f"{stage.name:<11} {stage.seconds * 1000:7.1f} ms   {stage.cameras} cameras, {stage.sightings} sightings"


def answer_lines(ranking: Ranking) -> Iterator[str]:
    """Yield the candidates, the story, the area where the vehicle can be now, and what was searched."""
    if not ranking.candidates:
        yield "No sighting fits."
    else:
        yield from _candidate_lines(ranking.candidates)
    if ranking.fitting is not None and ranking.fitting > len(ranking.candidates):
        yield f"{ranking.fitting} sightings fit; these are the first {len(ranking.candidates)} of them."
    if ranking.itinerary is not None and ranking.itinerary.stops:
        yield from ("", *_story_lines(ranking.itinerary))
    if ranking.alternatives:
        probabilities = ", ".join(_percent(itinerary.probability) for itinerary in ranking.alternatives)
        yield f"Other stories: {probabilities}."
    if ranking.area_now is not None:
        yield from ("", f"It can now be on roads within {km2(ranking.area_now):.2f} km2.")
    yield from ("", *_searched_lines(ranking.searched))


def _candidate_lines(candidates: tuple[Candidate, ...]) -> Iterator[str]:
    wide = max(6, *(len(candidate.sighting.camera) for candidate in candidates))
    yield f"  #   prob  {'camera':<{wide}}  {'time (UTC)':<19}  {'vehicle':<18}  why"
    for number, candidate in enumerate(candidates, start=1):
        sighting = candidate.sighting
        plate = f" {sighting.plate.text}" if sighting.plate and sighting.plate.text else ""
        vehicle = vehicle_words(sighting.attributes) + plate
        place_and_time = f"{sighting.camera:<{wide}}  {readable_time(candidate.time)}"
        yield f"{number:>3}  {_percent(candidate.probability):>5}  {place_and_time}  {vehicle:<18}  {candidate.why}"
        yield f"{'':>12}{sighting.id}"


def _story_lines(itinerary: Itinerary) -> Iterator[str]:
    yield f"Its way ({_percent(itinerary.probability)} as a whole):"
    for stop in itinerary.stops:
        yield f"  {readable_time(stop.time)}  {stop.camera}  {_percent(stop.probability)}"


def _searched_lines(searched: Searched) -> Iterator[str]:
    few = "" if searched.compared == searched.inside else f", the likeliest {searched.compared} of them compared"
    yield f"Searched {searched.cameras} cameras, {searched.inside} of {searched.of} sightings{few}."
    for gap in searched.gaps[:GAPS_SHOWN]:
        yield f"  not seen by {gap.camera}, {readable_time(gap.start)} to {readable_time(gap.end)}: {gap.why}"
    if len(searched.gaps) > GAPS_SHOWN:
        yield f"  and {len(searched.gaps) - GAPS_SHOWN} more gaps (--json lists them)"


def _percent(probability: float | None) -> str:
    if probability is None:
        return "-"
    return "<1 %" if 0 < probability < 0.005 else f"{min(probability, 0.99):.0%}".replace("%", " %")


def clock_line(clock: "LearnedClock") -> str:
    """Return what was found of a clock, and whether searches use it."""
    found = clock.estimate
    span = f"{found.offset_s:+.1f} s ahead, between {found.low_s:+.1f} and {found.high_s:+.1f} s"
    use = "searches put it right" if clock.kept else "too uncertain to be used"
    return f"clock of {clock.camera}: {span}, by about {clock.vehicles:.0f} vehicles; {use}"
