"""List sightings, show one, and write its picture to a file: `retrace sightings`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, iso_time, json_option, show
from ui.cli.parameters import COLOUR, TIME, TYPE, OutParameter
from ui.cli.written_files import private_file

if TYPE_CHECKING:
    from index.records import Sighting
    from reid.appearance.marks import NamedAttributes


@click.group()
def sightings() -> None:
    """List and show the sightings of the archive."""


@sightings.command("list")
@click.option("--camera", "cameras", multiple=True, metavar="ID", help="Only this camera; may be given again.")
@click.option("--from", "start", type=TIME, help="From this time of the camera's own clock on.")
@click.option("--to", "end", type=TIME, help="Up to this time of the camera's own clock.")
@click.option("--type", "type_", type=TYPE, help="Only vehicles of this kind.")
@click.option("--colour", type=COLOUR, metavar="C", help="Only this colour.")
@click.option("--plate", metavar="PATTERN", help="Only plates that match, as in `retrace plates find`.")
@click.option("--footage", metavar="SHA256", help="Only from this footage file.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many; all if not given.")
@json_option
@click.pass_context
def list_sightings(
    ctx: click.Context,
    cameras: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    type_: str | None,
    colour: str | None,
    plate: str | None,
    footage: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List sightings in the order of time.

    Example: retrace sightings list --camera bridge --colour red --limit 20
    """
    from index.access import browse
    from index.access.permissions import local_person
    from index.store.catalogue.sightings import SightingFilter
    from reid.plates.pattern import compile_pattern
    from ui.cli.documents import sighting_document

    pattern = compile_pattern(plate) if plate else None
    filter_ = SightingFilter(
        cameras, start=start, end=end, type=type_, colour=colour, plate=pattern, footage=footage, limit=limit
    )
    archive = archive_of(ctx)
    found = list(browse.list_sightings(archive, filter_, local_person()))
    lines = [_line(sighting) for sighting in found] or ["no sightings"]
    show({"sightings": [sighting_document(sighting) for sighting in found]}, as_json, lines)


@sightings.command("show")
@click.argument("sighting", metavar="ID")
@click.option("--crop", type=OutParameter(dir_okay=False), help="Write the best picture to this file.")
@click.option("--reason", help="Why the picture is opened; kept in the audit.")
@json_option
@click.pass_context
def show_sighting(ctx: click.Context, sighting: str, crop: Path | None, reason: str | None, as_json: bool) -> None:
    """Show one sighting; --crop also writes its picture. Each of them adds a row to the audit.

    Its marks are told as far as its pictures show them: a probability each.

    Example: retrace sightings show 3f9a --crop car.jpg
    """
    from index.access import browse
    from index.access.attributes_view import named_attributes
    from index.access.permissions import local_person
    from ui.cli.documents import sighting_document

    archive = archive_of(ctx)
    found = browse.show_sighting(archive, sighting, local_person(), reason=reason)
    if crop is not None:
        with private_file(crop) as file:
            file.write(browse.open_picture(archive, found, local_person(), reason=reason))
    named = named_attributes(archive, [found], local_person())
    lines = [*_lines(found, named.get(found.id)), *([f"picture   {crop}"] if crop else [])]
    show({"sightings": [sighting_document(found, named)]}, as_json, lines)


def _lines(sighting: "Sighting", told: "NamedAttributes | None") -> Iterator[str]:
    from ui.web.words import percent

    yield _line(sighting)
    yield f"seen      {iso_time(sighting.first)} to {iso_time(sighting.last)}, best at {iso_time(sighting.best)}"
    yield f"footage   {sighting.footage or 'none: it was imported, or made without video'}"
    box = sighting.box
    yield f"box       {box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}"
    heading = sighting.attributes.heading_deg
    yield f"heading   {'unknown' if heading is None else f'{heading:.0f} degrees in the picture'}"
    if told is not None and told.likely:
        yield f"likely    {', '.join(f'{name} {percent(probability)}' for name, probability in told.likely)}"


def _line(sighting: "Sighting") -> str:
    from ui.cli.lines import vehicle_words, zoned_time

    plate = (sighting.plate.text if sighting.plate else None) or ""
    words = vehicle_words(sighting.attributes)
    return f"{sighting.id}  {zoned_time(sighting.best)}  {sighting.camera:<14} {words:<18} {plate}".rstrip()
