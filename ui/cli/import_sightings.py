"""Take in what other systems saw: `retrace import sightings`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import TIME, FiniteRange, archive_of, json_option, note, show

if TYPE_CHECKING:
    from index.foreign.importing import Imported

PROBLEMS_SHOWN = 5


@click.group("import")
def import_() -> None:
    """Take in what other systems saw."""


@import_.command("sightings")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--columns", metavar="MAP", help="Which column holds what, as time=Stamp,camera=Site,plate=Reg.")
@click.option("--zone", help="The zone of times that name none: +02:00, Z or Europe/Vienna.")
@click.option("--time-format", metavar="FORMAT", help="How times are written, as %d.%m.%Y %H:%M:%S; ISO 8601 if not.")
@click.option("--camera", help="The camera of all of them.")
@click.option("--start", type=TIME, help="When frame 0 was, for VeRi-style names.")
@click.option("--fps", type=FiniteRange(min=0.01), default=25.0, show_default=True, help="The rate of those frames.")
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
    from index.foreign.crop_folder import CropOptions, read_crop_folder
    from index.foreign.importing import import_reports
    from index.foreign.plate_log import LogOptions, read_plate_log
    from index.intake.times import TimeReader, read_zone
    from index.office.access import local_person

    archive = archive_of(ctx)
    log = LogOptions(_columns(columns), TimeReader(read_zone(zone) if zone else None, time_format), camera)
    crops = CropOptions(camera, start, fps)
    read = read_crop_folder(file, crops, log) if file.is_dir() else read_plate_log(file, log)
    for line in read.guesses:
        note(line)
    _show(import_reports(archive, local_person(), read), as_json)


def _columns(text: str | None) -> dict[str, str]:
    """Return the mapping of --columns."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part]
    if any(not name or not column for name, _, column in pairs):
        raise click.BadParameter(f"{text!r}: write it as time=Stamp,camera=Site,plate=Reg", param_hint="--columns")
    return {name.strip(): column.strip() for name, _, column in pairs}


def _show(done: "Imported", as_json: bool) -> None:
    """Show what came in; leave with 1 where nothing of it could be used."""
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
