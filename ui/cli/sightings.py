"""Commands about what is in the archive: list sightings, show one, write its picture."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import TIME, archive_of, json_option, show, written
from ui.cli.shapes import COLOUR, TYPE

if TYPE_CHECKING:
    from index.sighting import Sighting


@click.group()
def sightings() -> None:
    """List and show what is in the archive."""


@sightings.command("list")
@click.option("--camera", "cameras", multiple=True, metavar="ID", help="Only this camera; may be given again.")
@click.option("--from", "start", type=TIME, help="From this time of the camera's own clock on.")
@click.option("--to", "end", type=TIME, help="Up to this time of the camera's own clock.")
@click.option("--type", "type_", type=TYPE, help="Only vehicles of this kind.")
@click.option("--colour", type=COLOUR, metavar="C", help="Only this colour.")
@click.option("--plate", metavar="PATTERN", help="Only plates that fit, as in `retrace plates find`.")
@click.option("--footage", metavar="SHA256", help="Only from this footage file.")
@click.option("--limit", type=click.IntRange(min=1), help="So many at most; all if not given.")
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
    from index.catalogue.sightings import SightingFilter
    from index.office import looking
    from index.office.access import local_person
    from reid.plates.pattern import compile_pattern
    from ui.cli.documents import sighting_document

    pattern = compile_pattern(plate) if plate else None
    wanted = SightingFilter(cameras, start, end, type_, colour, pattern, footage, limit)
    archive = archive_of(ctx)
    found = list(looking.list_sightings(archive, wanted, local_person()))
    lines = [_line(one) for one in found] or ["no sightings"]
    show({"sightings": [sighting_document(one) for one in found]}, as_json, lines)


@sightings.command("show")
@click.argument("sighting", metavar="ID")
@click.option("--crop", type=click.Path(path_type=Path, dir_okay=False), help="Write the best picture to this file.")
@click.option("--reason", help="Why the picture is opened; kept in the audit.")
@json_option
@click.pass_context
def show_sighting(ctx: click.Context, sighting: str, crop: Path | None, reason: str | None, as_json: bool) -> None:
    """Show one sighting; with --crop also its picture, which leaves a row in the audit.

    Example: retrace sightings show 3f9a --crop car.jpg
    """
    from index.office import looking
    from index.office.access import local_person
    from ui.cli.documents import sighting_document

    archive = archive_of(ctx)
    found = looking.get_sighting(archive, sighting, local_person())
    if crop is not None:
        crop.write_bytes(looking.open_picture(archive, found, local_person(), reason=reason))
    show({"sightings": [sighting_document(found)]}, as_json, [*_lines(found), *([f"picture   {crop}"] if crop else [])])


def _lines(sighting: "Sighting") -> Iterator[str]:
    yield _line(sighting)
    yield f"seen      {written(sighting.first)} to {written(sighting.last)}, best at {written(sighting.best)}"
    yield f"footage   {sighting.footage or 'none: it was imported'}"
    box = sighting.box
    yield f"box       {box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}"
    heading = sighting.look.heading_deg
    yield f"heading   {'unknown' if heading is None else f'{heading:.0f} degrees in the picture'}"


def _line(sighting: "Sighting") -> str:
    from ui.cli.documents import clock, look_words

    plate = (sighting.plate.text if sighting.plate else None) or ""
    words = look_words(sighting.look)
    return f"{sighting.id}  {clock(sighting.best)}  {sighting.camera:<14} {words:<18} {plate}".rstrip()
