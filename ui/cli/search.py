"""Search where else a vehicle was seen, and where it can be now: `retrace search`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import BOX, COLOUR, PLACE, TIME, TYPE, FiniteRange, PathParameter

if TYPE_CHECKING:
    from index.answers import Query
    from reid.vehicle import Box, Image

SURE = 0.5
"""From this score on a vehicle that was detected in a picture is told of."""

MOST_MINUTES = 7 * 1440.0
MOST_SLACK_S = 7 * 86400.0
"""A week. A vaguer time is no evidence: leave --time out."""


@click.command()
@click.argument("images", nargs=-1, type=PathParameter(dir_okay=False), metavar="[IMAGE]...")
@click.option("--box", type=BOX, help="The vehicle in each IMAGE, as x,y,w,h; detected if not given.")
@click.option("--sighting", metavar="ID", help="A sighting of the archive.")
@click.option("--plate", metavar="PATTERN", help="A pattern of the plate, as in `retrace plates find`.")
@click.option("--type", "type_", type=TYPE, help="What kind of vehicle it is.")
@click.option("--colour", type=COLOUR, metavar="C", help=f"Its colour: {', '.join(COLOUR.choices)}.")
@click.option("--camera", metavar="ID", help="The camera that saw it.")
@click.option("--place", type=PLACE, help="Where it was, as LAT,LON or LAT,LON,RADIUS_M.")
@click.option("--time", type=TIME, help="When it was there, with zone.")
@click.option("--slack", type=FiniteRange(0, MOST_SLACK_S), default=0.0, help="How many seconds the time may be off.")
@click.option("--direction", type=click.Choice(["after", "before", "both"]), default="both", show_default=True)
@click.option(
    "--horizon", type=FiniteRange(0, MOST_MINUTES, min_open=True), default=30.0, show_default=True, help="Minutes."
)
@click.option("--at", type=TIME, help='The "now" of the area where it can be.')
@click.option("--cameras", metavar="ID,...", help="Search only these cameras.")
@click.option("--area", type=PathParameter(dir_okay=False), help="Search only this GeoJSON area.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="At most this many candidates.")
@click.option("--reason", help="Why you search; kept in the audit.")
@click.option("--case", metavar="NO", help="The case it is for; its marks are used as evidence.")
@click.option("--verbose", is_flag=True, help="Also tell what each step took and left.")
@json_option
@click.pass_context
def search(ctx: click.Context, /, as_json: bool, verbose: bool, **asked: Any) -> None:
    """Rank the sightings of a vehicle, join them to a route, and show where it can be now.

    Example: retrace search car.jpg --camera bridge --time 2026-05-04T08:30:00+02:00 --at 2026-05-04T08:45:00+02:00
    """
    from index.access.attributes_view import named_attributes
    from index.access.cases import keep_pictures
    from index.access.permissions import local_person
    from index.map.places import placements_of
    from index.search.search import search as search_archive
    from index.settings import load_settings
    from ui.cli.documents import ranking_document
    from ui.cli.lines import answer_lines, step_line

    query = _query(**asked)
    archive = archive_of(ctx)
    settings = load_settings(archive.path).search
    # No line tells the route: what finds it is not even loaded.
    options = settings if as_json else replace(settings, route=False)
    steps = search_archive(archive, query, local_person(), options)
    if query.case is not None:
        # After the row of the audit: of a question that was refused nothing stays in the case.
        keep_pictures(archive, local_person(), query.case, query.pictures)
    for ranking in steps:
        if verbose:
            note(step_line(ranking))
    cameras = len(placements_of(archive).at(None).ids)
    found = [candidate.sighting for candidate in ranking.candidates]
    named = named_attributes(archive, found, local_person()) if as_json else {}
    show(ranking_document(query, ranking, named), as_json, answer_lines(ranking, query, cameras))


def _query(
    *,
    images: Sequence[Path],
    box: "Box | None",
    place: tuple[float, float, float] | None,
    slack: float,
    horizon: float,
    cameras: str | None,
    area: Path | None,
    type_: str | None,
    **fields: Any,
) -> "Query":
    """Return the query of the options; those named like its fields are passed on unchanged."""
    from index.answers import Query

    if box is not None and not images:
        raise click.UsageError("--box says where the vehicle is in an IMAGE, and none is given: leave it away")
    query = Query(
        pictures=tuple(_picture(image, box) for image in images),
        place=place[:2] if place else None,
        radius_m=place[2] if place else 0.0,
        slack_s=slack,
        horizon_s=horizon * 60,
        cameras=_names(cameras),
        area=_geojson(area) if area else None,
        type=type_,
        **fields,
    )
    _check(query)
    if (query.camera or query.place) and query.time is None and query.sighting is None:
        note("without --time the place is no evidence: sightings of all times are searched")
    return query


def _names(cameras: str | None) -> tuple[str, ...]:
    """Return the cameras named; an empty list is refused, as it would mean all of them."""
    names = tuple(camera.strip() for camera in (cameras or "").split(","))
    if cameras is not None and not all(names):
        raise click.UsageError(f"--cameras {cameras!r} leaves a name out: write ID,ID,... or leave it away for all")
    return names if cameras is not None else ()


def _check(query: "Query") -> None:
    """Refuse a query that does not describe the vehicle, or that gives two places."""
    descriptions = (query.pictures, query.sighting, query.plate, query.type, query.colour)
    if not any(descriptions):
        raise click.UsageError("say what to search: an IMAGE, --sighting, --plate, --type or --colour")
    if query.camera and query.place:
        raise click.UsageError("give --camera or --place, not both")


def _picture(path: Path, box: "Box | None") -> "Image":
    """Return the crop of the vehicle: at its box, else where it is detected, else the whole picture."""
    from reid.images import check_shows_vehicle, crop, read_image

    image = read_image(path)
    check_shows_vehicle(image, str(path))
    box = box or _detected(image, path)
    if box is None:
        return image
    cut = crop(image, box)
    check_shows_vehicle(cut, f"the box of {path}")
    return cut


def _detected(image: "Image", path: Path) -> "Box | None":
    """Return where the vehicle of a picture is; say so where there is none, or where it is one of several."""
    from reid.detect.detectors import main_vehicle, vehicles_in_photograph

    large = vehicles_in_photograph(image)
    box = main_vehicle(image, large)
    if not large:
        note(f"no vehicle was found in {path}: all of it is compared, and if it shows none, the answer says nothing")
    sure = [one for one in large if one.score >= SURE]
    if len(sure) > 1 and box is not None:
        place = ",".join(f"{side:.0f}" for side in (box.x, box.y, box.width, box.height))
        note(f"{len(sure)} vehicles were found in {path}: the one at {place} is compared, another by --box x,y,w,h")
    return box


def _geojson(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{path} is not GeoJSON ({error}): draw the area as a Polygon") from None
    if not isinstance(document, dict):
        raise click.ClickException(f"{path} is not GeoJSON: draw the area as a Polygon")
    return document
