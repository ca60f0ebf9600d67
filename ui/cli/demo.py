"""Run the demo and print its questions, answers and truth: `retrace demo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import json_option, note, show
from ui.cli.parameters import PathParameter

if TYPE_CHECKING:
    from ui.demo import Demo, DemoAbsent

STORY_SEED = 180
"""Chosen for the story: in this city a vehicle passes all four cameras within the three minutes."""


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
    "--seed",
    type=click.IntRange(min=0),
    default=STORY_SEED,
    show_default=True,
    help="The same seed gives the same city; the default is chosen for its story.",
)
@click.option("--no-serve", is_flag=True, help="Do not open the page at the end.")
@click.option("--city-only", is_flag=True, help="Make the city with its footage, and no archive.")
@json_option
def demo(folder: Path, seed: int, no_serve: bool, city_only: bool, as_json: bool) -> None:
    """Make a city, ingest its footage, ask two questions, print the answers and the truth, open the page.

    With --json the page is not opened. Example: retrace demo --seed 2 --dir demo2
    """
    from ui.cli.demo_lines import demo_lines
    from ui.demo import DemoOptions, demo_city, have_city, run_demo

    options = DemoOptions(folder, demo_city(seed))
    if city_only:
        made = have_city(options, note)
        lines = [f"{options.city}: {made.vehicles} vehicles, {made.minutes:g} minutes of footage of each camera"]
        show({"dir": folder, "city": options.city, "vehicles": made.vehicles}, as_json, lines)
        return
    done = run_demo(options, note)
    show(demo_document(done), as_json, demo_lines(done))
    if not (no_serve or as_json):
        _open_page(options.archive)


def demo_document(demo: "Demo") -> dict[str, object]:
    """Return the demo as the JSON document of the command line; `true` says which candidates truly are the vehicle."""
    from ui.cli.documents import candidate_document, itinerary_document, query_document, stop_document

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
        "alternatives": [itinerary_document(itinerary) for itinerary in demo.ranking.alternatives],
        "area_now": demo.ranking.area_now,
        "chosen": {"cameras": list(demo.chosen.cameras), "unread": list(demo.chosen.unread)},
        "truth": {
            "vehicle": demo.truth.vehicle,
            "hit_at_1": demo.truth.hit_at_1,
            "found_at_5": demo.truth.found_at_5,
            "relevant": demo.truth.relevant,
            "in_area": demo.truth.in_area,
        },
        "absent": absent_document(demo.absent) if demo.absent else None,
        "seconds": demo.seconds,
    }


def absent_document(absent: "DemoAbsent") -> dict[str, object]:
    """Return the second question: `nobody` is the probability that no other camera saw the vehicle."""
    from ui.cli.documents import candidate_document, query_document

    return {
        "vehicle": absent.vehicle.vehicle,
        "query": query_document(absent.query),
        "ranking": [candidate_document(candidate) for candidate in absent.ranking.candidates],
        "nobody": absent.nobody,
        "right": absent.right,
    }


def _open_page(archive: Path) -> None:
    from ui.gate import new_key
    from ui.server import listen_on_any_port, serve_page, url_of

    listener, key = listen_on_any_port(), new_key()
    note(f"\nask it yourself: {url_of(listener, key)} (Ctrl-C stops it)")
    serve_page(archive, listener, key)
