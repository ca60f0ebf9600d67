"""List, move, remove and allow footage, and read the clock burnt into its pictures: `retrace footage`."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, iso_time, json_option, note, show
from ui.cli.parameters import TIME, PathParameter

if TYPE_CHECKING:
    from index.ingest.start_time import ClockProposal
    from index.store.catalogue.footage import Footage

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
    from index.access.browse import list_footage
    from index.access.permissions import local_person
    from index.ingest.footage_changes import moved_footage

    archive = archive_of(ctx)
    _show(list_footage(archive, local_person(), camera=camera), as_json, moved_footage(archive))


@footage.command()
@click.argument("name", metavar="FOOTAGE")
@click.option("--camera", help="The camera that filmed it.")
@click.option("--start", type=TIME, help="The camera's clock at the first frame.")
@json_option
@click.pass_context
def move(ctx: click.Context, name: str, camera: str | None, start: datetime | None, as_json: bool) -> None:
    """Give FOOTAGE (its path, or the beginning of its SHA-256) another camera or start; its sightings follow.

    Example: retrace footage move 3fa9c1 --start 2026-05-04T08:31:00+02:00
    """
    from index.access.permissions import local_person
    from index.ingest.footage_changes import move_footage as change

    _show([change(archive_of(ctx), local_person(), name, camera=camera, start=start)], as_json)


@footage.command()
@click.argument("name", metavar="FOOTAGE")
@json_option
@click.pass_context
def remove(ctx: click.Context, name: str, as_json: bool) -> None:
    """Forget FOOTAGE (its path, or the beginning of its SHA-256) and its sightings.

    Example: retrace footage remove north.mp4
    """
    from index.access.permissions import local_person
    from index.ingest.footage_changes import remove_footage as forget

    gone = forget(archive_of(ctx), local_person(), name)
    lines = [f"forgot {gone.footage.path} and {gone.sightings} sightings"]
    if gone.marked:
        lines.append(
            f"{gone.marked} of them are marked in a case: their rows and pictures stay in it, after a purge, too"
        )
    document = {"footage": [_document(gone.footage)], "sightings": gone.sightings, "marked": gone.marked}
    show(document, as_json, lines)


@footage.command()
@click.argument("file", type=PathParameter(exists=True))
@json_option
@click.pass_context
def allow(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Let FILE be ingested again, which `purge --refuse` forgot and refuses.

    Example: retrace footage allow north.mp4
    """
    from index.access.permissions import local_person
    from index.ingest.footage_changes import allow_footage

    id_ = allow_footage(archive_of(ctx), local_person(), file)
    show({"sha256": id_}, as_json, [f"{file} may be ingested again"])


@footage.command()
@click.argument("file", type=PathParameter(exists=True))
@click.option("--zone", help="The zone of the clock: +02:00, Z or Europe/Vienna.")
@click.option("--rate", is_flag=True, help="Tell instead how fast it runs, from the beginning of FILE to its end.")
@click.option("--keep", is_flag=True, help="With --rate: put the times of FILE right by that; searches use it.")
@json_option
@click.pass_context
def clock(ctx: click.Context, file: Path, zone: str | None, rate: bool, keep: bool, as_json: bool) -> None:
    """Read the clock burnt into the pictures of FILE, and print the start it gives; nothing is changed.

    \b
    Example: retrace footage clock north.mp4 --zone Europe/Vienna
             retrace footage clock north.mp4 --rate
    """  # noqa: D301
    from index.access.permissions import local_person
    from index.ingest.picture_rate import keep_picture_rate, picture_rate
    from index.ingest.start_time import picture_clock
    from index.ingest.times import read_zone

    if keep and not rate:
        raise click.UsageError("--keep goes with --rate")
    if rate:
        found = keep_picture_rate(archive_of(ctx), local_person(), file) if keep else picture_rate(file)
        line = f"in a second of {file} the clock in its picture advances {found.rate:.4f} s, within {found.doubt:.4f} s"
        document = {"path": str(file), "rate": round(found.rate, 6), "doubt": round(found.doubt, 6), "kept": keep}
        show(document, as_json, [line])
        return
    if zone is None:
        raise click.UsageError("give the zone of the clock: --zone +02:00, or --rate")

    proposal = picture_clock(file, read_zone(zone))
    show(clock_document(proposal), as_json, clock_lines(proposal))


def confirm_start(proposal: "ClockProposal") -> bool:
    """Show the start that the clock in the pictures gives, and ask on the terminal whether it is right."""
    for line in clock_lines(proposal):
        note(line)
    return click.confirm("Is that right?", err=True)


def clock_lines(proposal: "ClockProposal") -> Iterator[str]:
    """Yield the start that the clock gives, and each reason to doubt it."""
    reading = f"{proposal.text!r}, {proposal.right} of {proposal.read} readings go on as the footage does"
    other_day = "" if proposal.other is None else f" or {proposal.other.isoformat()} (which is the day?)"
    yield f"{proposal.path} starts {proposal.start.isoformat()}{other_day} by the clock in its pictures: {reading}"
    for doubt in proposal.doubts:
        yield f"{proposal.path}: {doubt}"


def clock_document(proposal: "ClockProposal") -> dict[str, object]:
    """Return the start that the clock gives as a JSON document."""
    return {
        "path": str(proposal.path),
        "start": iso_time(proposal.start),
        "other": None if proposal.other is None else iso_time(proposal.other),
        "text": proposal.text,
        "right": proposal.right,
        "read": proposal.read,
        "doubts": list(proposal.doubts),
    }


def _show(files: "Sequence[Footage]", as_json: bool, moved: Collection[str] = ()) -> None:
    documents = [_document(file) | {"moved": file.id in moved} for file in files]
    show({"footage": documents}, as_json, (_line(file) + MOVED * (file.id in moved) for file in files))


def _line(file: "Footage") -> str:
    return f"{file.id[:12]}  {file.camera:<12} {iso_time(file.start)}  {file.status:<8} {file.path}"


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
