"""Run the demo and print the question, the answer and the truth: `retrace demo`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import json_option, note, show
from ui.cli.parameters import PathParameter

if TYPE_CHECKING:
    from index.answers import Candidate
    from ui.demo import Demo

SHOWN = 5


@click.command()
@click.option(
    "--dir",
    "folder",
    type=PathParameter(file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="The folder of the city and its archive; what an earlier run made there is used again.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed gives the same city."
)
@click.option("--no-serve", is_flag=True, help="Do not open the page at the end.")
@json_option
def demo(folder: Path, seed: int, no_serve: bool, as_json: bool) -> None:
    """Make a city, ingest its footage, ask one question, print the answer and the truth, open the page.

    With --json the page is not opened. Example: retrace demo --seed 2 --dir demo2
    """
    from ui.demo import DemoOptions, demo_city, run_demo

    options = DemoOptions(folder, demo_city(seed))
    done = run_demo(options, note)
    show(demo_document(done), as_json, demo_lines(done))
    if not (no_serve or as_json):
        _open_page(options.archive)


def demo_document(demo: "Demo") -> dict[str, object]:
    """Return the demo as the JSON document of the command line; `true` says which candidates truly are the vehicle."""
    from ui.cli.documents import candidate_document, query_document, stop_document

    stops = demo.ranking.itinerary.stops if demo.ranking.itinerary else ()
    return {
        "dir": demo.options.folder,
        "cameras": demo.cameras,
        "sightings": demo.sightings,
        "query": query_document(demo.query),
        "ranking": [
            candidate_document(candidate) | {"true": candidate.sighting.id in demo.truth.same}
            for candidate in demo.ranking.candidates
        ],
        "itinerary": [stop_document(stop) | {"true": stop.sighting in demo.truth.same} for stop in stops],
        "truth": {
            "vehicle": demo.truth.vehicle,
            "hit_at_1": demo.truth.hit_at_1,
            "found_at_5": demo.truth.found_at_5,
            "relevant": demo.truth.relevant,
        },
        "seconds": demo.seconds,
    }


def demo_lines(demo: "Demo") -> Iterator[str]:
    """Yield what the demo did, line by line: question, answer, story and truth."""
    yield f"{demo.cameras} cameras filmed {demo.vehicles} vehicles and saw {demo.sightings} passages."
    yield ""
    yield "The question"
    passed = f"passed {demo.asked.camera} at {_clock(demo.asked.best)} UTC"
    yield f"  Where else was the {_vehicle_words(demo)} that {passed}?"
    yield ""
    yield f"The answer, in {demo.seconds['search']:.1f} s"
    if not demo.ranking.candidates:
        yield "  It was not seen anywhere else that it could have reached."
    for rank, candidate in enumerate(demo.ranking.candidates[:SHOWN], start=1):
        yield from _candidate_lines(rank, candidate, demo)
    yield ""
    yield from _story_lines(demo)
    yield "The truth, which only a made city knows"
    yield f"  {_verdict(demo)}"


def _open_page(archive: Path) -> None:
    from ui.gate import new_key
    from ui.server import listen_on_any_port, serve_page, url_of

    listener, key = listen_on_any_port(), new_key()
    note(f"\nask it yourself: {url_of(listener, key)} (Ctrl-C stops it)")
    serve_page(archive, listener, key)


def _candidate_lines(rank: int, candidate: "Candidate", demo: "Demo") -> Iterator[str]:
    mark = "right" if candidate.sighting.id in demo.truth.same else "wrong"
    apart_s = (candidate.time - demo.asked.best).total_seconds()
    where = f"{candidate.sighting.camera:<12} {_clock(candidate.time)}  {apart_s:+5.0f} s"
    yield f"  {rank}. {candidate.probability:>4.0%}  {where}   {mark}"
    yield f"           {candidate.why}"


def _story_lines(demo: "Demo") -> Iterator[str]:
    story = demo.ranking.itinerary
    if story is None or not story.stops:
        return
    calls = [(stop.time, stop.camera) for stop in story.stops if stop.sighting != demo.asked.id]
    calls.append((demo.asked.best, f"[{demo.asked.camera}]"))
    yield f"Its way, {story.probability:.0%} sure as a whole"
    yield "  " + " -> ".join(f"{camera} {_clock(time)}" for time, camera in sorted(calls))
    yield ""


def _verdict(demo: "Demo") -> str:
    truth = demo.truth
    first = "right" if truth.hit_at_1 else "wrong"
    passages = "passage" if truth.relevant == 1 else "passages"
    return (
        f"Only other cameras count: the first of them is {first}, "
        f"and {truth.found_at_5} of {truth.relevant} true {passages} there came among the first {SHOWN}."
    )


def _vehicle_words(demo: "Demo") -> str:
    look = demo.asked.attributes
    plate = f" {demo.asked.plate.text}" if demo.asked.plate and demo.asked.plate.text else ""
    return (" ".join(word for word in (look.colour, look.type) if word) or "vehicle") + plate


def _clock(time: datetime) -> str:
    return time.strftime("%H:%M:%S")
