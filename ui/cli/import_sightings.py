"""Import sightings of other systems: `retrace import sightings`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import TIME, FiniteRange, PathParameter

if TYPE_CHECKING:
    from index.ingest.imports.importing import ImportResult

PROBLEMS_SHOWN = 5


@click.group("import")
def import_() -> None:
    """Import sightings of other systems."""


@import_.command("sightings")
@click.argument("file", type=PathParameter(exists=True))
@click.option("--columns", metavar="MAP", help="Names of the columns, as time=Stamp,camera=Site,plate=Reg.")
@click.option("--zone", help="The zone of times without one: +02:00, Z or Europe/Vienna.")
@click.option("--time-format", metavar="FORMAT", help="How times are written, as %d.%m.%Y %H:%M:%S; default ISO 8601.")
@click.option("--camera", help="The camera of all sightings.")
@click.option("--start", type=TIME, help="Time of frame 0, for VeRi-style names.")
@click.option("--fps", type=FiniteRange(min=0.01), default=25.0, show_default=True, help="Their frames a second.")
@json_option
@click.pass_context
def import_sightings(
    ctx: click.Context,
    file: Path,
    columns: str | None,
    zone: str | None,
    time_format: str | None,
    camera: str | None,
    start: datetime | None,
    fps: float,
    as_json: bool,
) -> None:
    """Add sightings from FILE: a plate reader's CSV table, or a folder of crops (VeRi-style names too).

    \b
    Example: retrace import sightings reads.csv --columns time=Stamp,plate=Reg --zone Europe/Vienna
             retrace import sightings VeRi/image_test --start 2026-05-04T08:00:00+02:00
    """  # noqa: D301
    from index.access.permissions import local_person
    from index.ingest.imports.crop_folder import CropFolderOptions, read_crop_folder
    from index.ingest.imports.importing import import_external_sightings
    from index.ingest.imports.plate_log import PlateLogOptions, read_plate_log
    from index.ingest.times import TimeReader, read_zone

    archive = archive_of(ctx)
    log = PlateLogOptions(_columns(columns), TimeReader(read_zone(zone) if zone else None, time_format), camera)
    crops = CropFolderOptions(camera, start, fps)
    read = read_crop_folder(file, crops, log) if file.is_dir() else read_plate_log(file, log)
    for line in read.guesses:
        note(line)
    _show(import_external_sightings(archive, local_person(), read), as_json)


def _columns(text: str | None) -> dict[str, str]:
    """Return the columns that --columns names, by their meaning."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part]
    if any(not name or not column for name, _, column in pairs):
        raise click.BadParameter(f"{text!r}: write it as time=Stamp,camera=Site,plate=Reg", param_hint="--columns")
    return {name.strip(): column.strip() for name, _, column in pairs}


def _show(done: "ImportResult", as_json: bool) -> None:
    """Print how many sightings were added; raise an error if none could be used."""
    from index.errors import ArchiveError

    if done.skipped and not done.sightings and not done.known:
        others = f" (and {done.skipped - 1} more rows)" if done.skipped > 1 else ""
        raise ArchiveError(f"{done.problems[0]}{others}")
    for line in done.problems[:PROBLEMS_SHOWN]:
        note(f"skipped {line}")
    if len(done.problems) > PROBLEMS_SHOWN:
        note(f"and {len(done.problems) - PROBLEMS_SHOWN} more (--json lists them)")
    document = {
        "sightings": done.sightings,
        "known": done.known,
        "skipped": done.skipped,
        "problems": list(done.problems),
    }
    show(document, as_json, [f"{done.sightings} sightings added, {done.known} known before, {done.skipped} skipped"])
