"""Take in footage: `retrace ingest`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import FiniteRange, archive_of, json_option, note, show, written

if TYPE_CHECKING:
    from index.ingest import IngestedFootage, IngestProgress
    from index.intake.registration import FootageJob


@click.command()
@click.argument("videos", nargs=-1, type=click.Path(path_type=Path), metavar="VIDEO...")
@click.option("--camera", help="Which camera filmed it.")
@click.option("--start", help="The camera's clock at the first frame, or auto: by file name or container.")
@click.option(
    "--manifest", type=click.Path(path_type=Path), help="A CSV file with the columns path,camera,start instead."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes that share the work.")
@click.option("--detector", help="motion, or the path of an ONNX detector.")
@click.option("--every", "every_s", type=FiniteRange(), help="Analyse one frame each so many seconds.")
@json_option
@click.pass_context
def ingest(
    ctx: click.Context,
    videos: tuple[Path, ...],
    camera: str | None,
    start: str | None,
    manifest: Path | None,
    workers: int | None,
    detector: str | None,
    every_s: float | None,
    as_json: bool,
) -> None:
    """Turn footage into sightings; stopped at any moment, the same command goes on where it was.

    Example: retrace ingest north.mp4 --camera north --start 2026-05-04T08:30:00+02:00
    """
    from index.ingest import ingest as take_in
    from index.office.access import local_person
    from index.settings import load_settings

    archive = archive_of(ctx)
    jobs = _jobs(videos, camera, start, manifest)
    given = {"workers": workers, "detector": detector, "every_s": every_s}
    options = load_settings(archive.path).ingest
    options = replace(options, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    _show(take_in(archive, jobs, local_person(), options, _tell), as_json)


def _jobs(videos: tuple[Path, ...], camera: str | None, start: str | None, manifest: Path | None) -> "list[FootageJob]":
    """Return what to take in: the videos of one camera, or those of a list."""
    from index.intake.manifest import AUTO, read_manifest, start_of
    from index.intake.registration import FootageJob

    if manifest is not None:
        if videos or camera or start:
            raise click.UsageError("give either VIDEO with --camera and --start, or --manifest")
        return read_manifest(manifest)
    if not videos or camera is None or start is None:
        raise click.UsageError("give VIDEO with --camera ID and --start TIME (or auto), or --manifest CSV")
    if len(videos) > 1 and start != AUTO:
        raise click.UsageError("several videos cannot start at one time: use --start auto or --manifest CSV")
    jobs = [FootageJob(video, camera, start_of(video, start, str(video))) for video in videos]
    if start == AUTO:
        for job in jobs:
            note(f"{job.path}: starts {written(job.start)} by its name or its recorder; check that this is right")
    return jobs


def _tell(progress: "IngestProgress") -> None:
    share = progress.done_s / progress.total_s
    note(f"{Path(progress.path).name}: {share:.0%} of {progress.total_s:.0f} s, {progress.sightings} sightings")


def _show(files: "list[IngestedFootage]", as_json: bool) -> None:
    """Show what became of each file; leave with 1 where one could not be taken in."""
    from index.errors import ArchiveError

    failed = [file for file in files if file.status == "failed"]
    if len(failed) < len(files):
        show({"footage": [asdict(file) for file in files]}, as_json, (_line(file) for file in files))
    if failed:
        raise ArchiveError((failed[0].problem or "") + _others(len(failed) - 1))


def _others(count: int) -> str:
    return f" (and {count} more files)" if count else ""


def _line(file: "IngestedFootage") -> str:
    speed = file.seconds_of_video / file.seconds if file.seconds else 0.0
    problem = f": {file.problem}" if file.problem else ""
    return (
        f"{file.path}  {file.status}, {file.sightings} sightings in {file.seconds_of_video:.0f} s of video "
        f"({speed:.1f} times real time){problem}"
    )
