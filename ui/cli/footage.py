"""List, move and remove footage: `retrace footage`."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import TIME, archive_of, json_option, show, written

if TYPE_CHECKING:
    from index.catalogue.footage import Footage

MOVED = "  (camera moved?)"


@click.group()
def footage() -> None:
    """List, move and remove footage."""


@footage.command("list")
@click.option("--camera", help="Only of this camera.")
@json_option
@click.pass_context
def list_(ctx: click.Context, camera: str | None, as_json: bool) -> None:
    """List the footage in the order of its start.

    Example: retrace footage list --camera north
    """
    from index.intake.camera_moves import moved_footage
    from index.office.access import local_person
    from index.office.looking import list_footage

    archive = archive_of(ctx)
    _show(list_footage(archive, local_person(), camera=camera), as_json, moved_footage(archive))


@footage.command()
@click.argument("name", metavar="FOOTAGE")
@click.option("--camera", help="The camera that filmed it.")
@click.option("--start", type=TIME, help="The camera's clock at the first frame.")
@json_option
@click.pass_context
def move(ctx: click.Context, name: str, camera: str | None, start: datetime | None, as_json: bool) -> None:
    """Give FOOTAGE (its path, or the beginning of its SHA-256) another camera or start; its sightings move along.

    Example: retrace footage move 3fa9c1 --start 2026-05-04T08:31:00+02:00
    """
    from index.intake.footage_changes import move as change
    from index.office.access import local_person

    _show([change(archive_of(ctx), local_person(), name, camera=camera, start=start)], as_json)


@footage.command()
@click.argument("name", metavar="FOOTAGE")
@json_option
@click.pass_context
def remove(ctx: click.Context, name: str, as_json: bool) -> None:
    """Forget FOOTAGE (its path, or the beginning of its SHA-256) and what was seen in it.

    Example: retrace footage remove north.mp4
    """
    from index.intake.footage_changes import remove as forget
    from index.office.access import local_person

    stored, sightings = forget(archive_of(ctx), local_person(), name)
    lines = [f"forgot {stored.path} and {sightings} sightings"]
    show({"footage": [_document(stored)], "sightings": sightings}, as_json, lines)


@footage.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--zone", required=True, help="The zone of the clock: +02:00, Z or Europe/Vienna.")
@json_option
def clock(file: Path, zone: str, as_json: bool) -> None:
    """Read the clock burnt into the pictures of FILE, and say when it starts by that; nothing is changed.

    Example: retrace footage clock north.mp4 --zone Europe/Vienna
    """
    from index.intake.start_time import picture_clock
    from index.intake.times import read_zone
    from ui.cli.burnt_clock import clock_document, clock_lines

    proposal = picture_clock(file, read_zone(zone))
    show(clock_document(proposal), as_json, clock_lines(proposal))


def _show(files: "list[Footage]", as_json: bool, moved: Collection[str] = ()) -> None:
    documents = [_document(file) | {"moved": file.id in moved} for file in files]
    show({"footage": documents}, as_json, (_line(file) + MOVED * (file.id in moved) for file in files))


def _line(file: "Footage") -> str:
    return f"{file.id[:12]}  {file.camera:<12} {written(file.start)}  {file.status:<8} {file.path}"


def _document(file: "Footage") -> dict[str, object]:
    return {
        "sha256": file.id,
        "path": file.path,
        "camera": file.camera,
        "start": file.start,
        "seconds_of_video": file.duration_s,
        "fps": file.fps,
        "width": file.width,
        "height": file.height,
        "frames": file.frames,
        "status": file.status,
        "problem": file.problem,
    }
