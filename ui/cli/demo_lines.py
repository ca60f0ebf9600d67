"""Tell the demo in lines: two questions, their answers, and beside each part whether it is true."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from index.answers import Candidate, Itinerary, Ranking, Stop
from index.records import Sighting
from index.simulation.demo_vehicles import DemoVehicle, has_text
from roadgraph.geojson_area import km2
from ui.cli.lines import vehicle_words
from ui.cli.local_time import local_zone
from ui.demo import Demo, DemoAbsent
from ui.web import words

SHOWN = 5
WORTH_SHOWING = 0.01
"""Candidates below this are counted, not listed."""

OTHER_WAYS = 2


def demo_lines(demo: Demo) -> Iterator[str]:
    """Yield what the demo did: a vehicle that recurs, then one that nobody saw again."""
    zone = words.zone_name(demo.chosen.asked.best, local_zone())
    day = words.day(demo.chosen.asked.best, local_zone())
    yield f"{demo.cameras} cameras filmed {demo.vehicles} vehicles and saw {demo.sightings} passages."
    yield f"Times are those of {day}, {zone}."
    yield ""
    yield f"The question: where else was the {_question_words(demo.chosen.asked)}?"
    yield from _chosen_lines(demo.chosen, demo.cameras)
    yield ""
    yield f"The answer, in {demo.seconds['search']:.1f} s"
    yield from _candidates_lines(demo)
    yield from _way_lines(demo)
    yield from _area_lines(demo)
    yield ""
    yield "The truth, which only a made city knows"
    yield f"  {_verdict(demo)}"
    yield ""
    yield from _absent_lines(demo.absent)


def _chosen_lines(chosen: DemoVehicle, cameras: int) -> Iterator[str]:
    seen = len(chosen.cameras)
    yield f"  Chosen for the story, by the truth: {seen} of {cameras} cameras saw it, and no vehicle was seen by more."
    yield "  Of those seen by as many, one whose plate only some could read comes first, then the clearest picture."
    if not chosen.unread:
        yield "  Here every camera read the plate."
    elif seen == len(chosen.unread):
        yield "  Here no camera could read the plate."
    else:
        yield f"  Here {_names(chosen.unread)} could not read the plate."


def _candidates_lines(demo: Demo) -> Iterator[str]:
    candidates = demo.ranking.candidates
    if not candidates:
        yield "  It was not seen anywhere else that it could have reached."
    likely = [one for one in candidates if (one.probability or 0.0) >= WORTH_SHOWING] or candidates[:1]
    for candidate in likely[:SHOWN]:
        mark = _mark(candidate.sighting.id in demo.truth.same)
        percent = words.percent(candidate.probability or 0.0)
        apart = words.time_apart(candidate.time, demo.chosen.asked.best)
        yield f"  {percent:>5}  {_place(candidate.sighting.camera, candidate.time)}, {apart}: {mark}"
        yield f"         {candidate.why}{_unread(candidate)}"
    if len(candidates) > len(likely[:SHOWN]):
        yield f"  and {len(candidates) - len(likely[:SHOWN])} less likely ones"


def _way_lines(demo: Demo) -> Iterator[str]:
    story, asked = demo.ranking.itinerary, demo.chosen.asked
    if story is None:
        return
    calls = [(stop.time, stop.camera, _mark(stop.sighting in demo.truth.same)) for stop in _others(story, demo)]
    yield ""
    alone = "" if calls else ": no other camera saw it, which is wrong"
    yield f"  Its way, {words.percent(story.probability)} as a whole{alone}"
    for time, camera, mark in sorted([*calls, (asked.best, asked.camera, "asked about")]):
        yield f"    {_place(camera, time)}: {mark}"
    for other in demo.ranking.alternatives[:OTHER_WAYS]:
        yield f"  or, {words.percent(other.probability)}: {_way(other, demo)}"


def _area_lines(demo: Demo) -> Iterator[str]:
    if demo.ranking.area_now is None or demo.query.at is None:
        return
    judged = {True: "right, it is there", False: "wrong, it is elsewhere", None: "it has left the roads of the map"}
    now = words.clock(demo.query.at, local_zone())
    beyond = " or off the map" if demo.ranking.off_map else ""
    area = f"on roads within {km2(demo.ranking.area_now):.2f} km2{beyond}"
    yield f"  Now, at {now}, it can be {area}: {judged[demo.truth.in_area]}"


def _absent_lines(absent: DemoAbsent | None) -> Iterator[str]:
    if absent is None:
        yield "A second question, about a vehicle that nobody saw again, has no place here: every vehicle recurs."
        return
    yield f"The second question: where else was the {_question_words(absent.vehicle.asked)}?"
    yield "  Chosen by the truth: of the vehicles that pass a single camera once, the one with the clearest picture."
    yield f"  {_absent_answer(absent.ranking, absent.nobody)}"
    yield f"  The truth: {_mark(absent.right)}, no other camera saw it."


def _absent_answer(ranking: Ranking, nobody: float | None) -> str:
    """Return what is believed of a vehicle that was perhaps not seen again."""
    best = max(ranking.candidates, key=lambda one: one.probability or 0.0, default=None)
    if best is None:
        return "Nothing was seen where and when it can have been."
    where = f"{_place(best.sighting.camera, best.time)}, {words.percent(best.probability or 0.0)}"
    if nobody is None:
        return f"The answer: probably seen again: {where}."
    return f"The answer: {words.percent(nobody)} that no other camera saw it; the likeliest of all others is {where}."


def _verdict(demo: Demo) -> str:
    truth = demo.truth
    passages = "passage" if truth.relevant == 1 else "passages"
    return (
        f"Only other cameras count: the first of them is {_mark(truth.hit_at_1)}, "
        f"and {truth.found_at_5} of {truth.relevant} true {passages} there came among the first {SHOWN}."
    )


def _question_words(asked: Sighting) -> str:
    plate = f" {asked.plate.text}" if asked.plate and asked.plate.text else ""
    return f"{vehicle_words(asked.attributes)}{plate} that passed {_place(asked.camera, asked.best)}"


def _way(story: Itinerary, demo: Demo) -> str:
    """Return the cameras of a story in order of time."""
    asked = demo.chosen.asked
    calls = [(stop.time, stop.camera) for stop in _others(story, demo)]
    return ", ".join(_place(camera, time) for time, camera in sorted([*calls, (asked.best, asked.camera)]))


def _others(story: Itinerary, demo: Demo) -> Sequence[Stop]:
    return [stop for stop in story.stops if stop.sighting != demo.query.sighting]


def _unread(candidate: Candidate) -> str:
    return "" if has_text(candidate.sighting) else "; its plate could not be read"


def _place(camera: str, time: datetime) -> str:
    return f"{camera} at {words.clock(time, local_zone())}"


def _names(cameras: Sequence[str]) -> str:
    return cameras[0] if len(cameras) == 1 else f"{', '.join(cameras[:-1])} and {cameras[-1]}"


def _mark(right: bool) -> str:
    return "right" if right else "wrong"
