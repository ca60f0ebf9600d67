"""Ingest footage: `retrace ingest`."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cells import plain
from ui.cli.footage import confirm_start
from ui.cli.ingest_progress import ProgressBars, ProgressLines, progress_on
from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import FiniteRange, OutParameter, PathParameter

if TYPE_CHECKING:
    from index.ingest.ingest import IngestedFootage
    from index.ingest.ingest_options import IngestOptions
    from index.ingest.registration import FootageJob
    from index.ingest.start_time import StartRule
    from index.ingest.watch import FolderOptions
    from index.store.archive import Archive

CLOCKS_EVERY_S = 600.0
"""While recordings come in, clocks are learned so often."""

USAGE = "give VIDEO with --camera ID and --start TIME (or auto), or --manifest CSV, or --watch DIR"


@dataclass(frozen=True, slots=True)
class Source:
    """The footage that the command line names: files, a list of them, a folder to watch, or a stream."""

    videos: tuple[str, ...]
    camera: str | None
    start: str | None
    manifest: Path | None
    watch: Path | None
    once: bool
    zone: str | None
    accept_clock: bool
    names: str | None
    rest_s: float
    keep: Path | None
    piece_s: float
    check: bool = False
    weather: str | None = None

    @property
    def stream(self) -> str | None:
        """Return the address of the stream, None if the footage is no stream."""
        from reid.video.stream import is_stream

        return self.videos[0] if len(self.videos) == 1 and is_stream(self.videos[0]) else None


@click.command()
@click.argument("videos", nargs=-1, metavar="VIDEO...")
@click.option("--camera", help="Which camera filmed it.")
@click.option(
    "--start", help="The camera's clock at the first frame; auto: from the file; clock: from the clock in the pictures."
)
@click.option("--manifest", type=PathParameter(), help="A CSV file with the columns path,camera,start[,weather].")
@click.option("--watch", metavar="DIR", type=PathParameter(), help="Ingest each file that is recorded there.")
@click.option("--once", is_flag=True, help="Stop after the files of now, or when the stream ends.")
@click.option("--names", metavar="PATTERN", help="With --watch: where file names have the camera, as '{camera}_*'.")
@click.option("--rest", "rest_s", type=FiniteRange(min=0), default=10.0, show_default=True, metavar="S")
@click.option("--keep", metavar="DIR", type=OutParameter(), help="Where pieces of a stream are kept.")
@click.option("--piece", "piece_s", type=FiniteRange(min=1), default=60.0, show_default=True, metavar="S")
@click.option("--weather", type=click.Choice(["dry", "rain", "snow", "fog"]), help="In which weather it was filmed.")
@click.option("--zone", help="The zone of names and burnt-in clocks without one: +02:00, Z or Europe/Vienna.")
@click.option("--accept-clock", is_flag=True, help="Use a clock burnt into the pictures without asking.")
@click.option("--check", is_flag=True, help="Read files whole to know them again, not their size, time and a sample.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that share the work.")
@click.option("--ray", metavar="ADDRESS", help="A Ray cluster that does the work: auto, HOST:6379, or local.")
@click.option("--detector", help="learned (default), motion, the name of weights, or an ONNX file.")
@click.option("--every", "every_s", type=FiniteRange(), help="Analyse one frame every so many seconds.")
@click.option("--region", help="Where most of the plates are from, as DE or CN.")
@json_option
@click.pass_context
def ingest(
    ctx: click.Context,
    videos: tuple[str, ...],
    camera: str | None,
    start: str | None,
    manifest: Path | None,
    watch: Path | None,
    once: bool,
    names: str | None,
    rest_s: float,
    keep: Path | None,
    piece_s: float,
    weather: str | None,
    zone: str | None,
    accept_clock: bool,
    check: bool,
    workers: int | None,
    ray: str | None,
    detector: str | None,
    every_s: float | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Turn footage into sightings; stopped at any moment, the same command goes on where it was.

    VIDEO is a file, a folder of pictures, or the address of a stream, which is cut into pieces of --piece seconds. With
    - for VIDEO the address comes from the input: no other user of the machine sees its password in the list of
    processes. With --watch, a file counts as finished when nobody has written to it for --rest seconds.

    \b
    Example: retrace ingest north.mp4 --camera north --start 2026-05-04T08:30:00+02:00
             retrace ingest --watch /srv/recordings --zone Europe/Vienna
             retrace ingest rtsp://10.0.0.7/stream1 --camera north
             retrace ingest - --camera north < address-with-password.txt
    """  # noqa: D301
    from index.ingest.ingest import check_options
    from index.settings import load_settings

    videos = _from_stdin(videos)
    ways = (videos, camera, start, manifest, watch, once, zone, accept_clock, names, rest_s, keep, piece_s)
    source = Source(*ways, check=check, weather=weather)
    _check_usage(source)
    archive = archive_of(ctx)
    given = {"workers": workers, "ray": ray, "detector": detector, "every_s": every_s, "region": region}
    options = load_settings(archive.path).ingest
    options = replace(options, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    check_options(options)
    if unusual := load_settings(archive.path, {}).ingest.changed:
        note(f"not taken in as usual (retrace.toml): {', '.join(unusual)}")
    endless = source.stream is not None or source.watch is not None
    _show(_with_clocks(archive, _ingest(archive, source, options)), as_json, endless=endless)


def _from_stdin(videos: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is to be ingested; "-" is the address of a stream in the first line of the input."""
    from reid.video.stream import is_stream

    if videos != ("-",):
        return videos
    address = sys.stdin.readline().strip()
    if not is_stream(address):
        raise click.UsageError("- reads the address of a stream from the input, and there was none in its first line")
    return (address,)


def _check_usage(source: Source) -> None:
    """Refuse options that contradict each other."""
    from reid.video.stream import SCHEMES

    ways = [bool(source.videos), source.manifest is not None, source.watch is not None]
    if sum(ways) != 1:
        raise click.UsageError(USAGE)
    if source.stream is None and any("://" in video for video in source.videos):
        # Not repeated: it may hold a password.
        raise click.UsageError(f"the address of a stream is given alone, and begins with {'://, '.join(SCHEMES)}://")
    if source.stream:
        if source.camera is None or source.start is not None:
            raise click.UsageError("a stream is of one --camera ID, and starts when it is connected: no --start")
        if source.check:
            raise click.UsageError("--check is for files: a stream is never known")
        return
    if source.videos and (source.camera is None or source.start is None):
        raise click.UsageError(USAGE)
    if source.manifest is not None and (source.camera or source.start):
        raise click.UsageError("a manifest names camera and start itself: give it alone")
    if source.watch is not None and source.start not in (None, "auto", "clock"):
        raise click.UsageError(
            "each file of a folder has a start of its own: leave --start away, or give auto or clock"
        )
    if source.watch is None and (source.once or source.names):
        raise click.UsageError("--once and --names belong to --watch DIR or a stream")
    if source.watch is not None and source.check:
        raise click.UsageError("--check is for files that are named: a watched folder takes in each of its files once")
    if len(source.videos) > 1 and source.start not in ("auto", "clock"):
        raise click.UsageError("several videos cannot start at one time: use --start auto or clock, or --manifest CSV")


def _ingest(archive: "Archive", source: Source, options: "IngestOptions") -> "Iterator[IngestedFootage]":
    """Yield the result of each file, or of each piece of a stream."""
    with _progress() as progress:
        if source.stream is None and source.watch is None:
            yield from _ingest_files(archive, source, options, progress)
            return
        try:
            for file in _ingest_recordings(archive, source, options, progress):
                progress.close()
                yield file
        except KeyboardInterrupt:
            note("stopped; what was finished is kept")


def _with_clocks(archive: "Archive", files: "Iterator[IngestedFootage]") -> "Iterator[IngestedFootage]":
    """Pass the results on, and learn the clocks of their cameras now and then, and at the end."""
    new: list[str] = []
    learned_at = time.monotonic()
    for file in files:
        yield file
        if file.sha256 is not None and file.status in ("done", "partial"):
            new.append(file.sha256)
        if new and time.monotonic() - learned_at > CLOCKS_EVERY_S:
            _learn_clocks(archive, new)
            new, learned_at = [], time.monotonic()
    _learn_clocks(archive, new)


def _learn_clocks(archive: "Archive", new: Sequence[str]) -> None:
    from index.access.permissions import local_person
    from index.learning.clocks import learn_clocks_of_footage
    from ui.cli.lines import clock_line

    if new:
        for clock in learn_clocks_of_footage(archive, local_person(), new):
            if clock.is_news:
                note(clock_line(clock))


def _ingest_files(
    archive: "Archive", source: Source, options: "IngestOptions", progress: ProgressBars | ProgressLines
) -> "list[IngestedFootage]":
    from index.access.permissions import local_person
    from index.ingest.ingest import ingest as ingest_files

    return ingest_files(archive, _jobs(source), local_person(), options, check=source.check, on_progress=progress)


def _ingest_recordings(
    archive: "Archive", source: Source, options: "IngestOptions", progress: ProgressBars | ProgressLines
) -> "Iterator[IngestedFootage]":
    """Yield the result of each file of a watched folder, or of each piece of a stream."""
    from index.access.permissions import local_person
    from index.ingest.stream import StreamSource, ingest_stream
    from index.ingest.watch import watch_folder
    from reid.video.stream import StreamOptions

    if source.stream is not None:
        cut = StreamOptions(piece_s=source.piece_s)
        stream = StreamSource(source.stream, source.camera or "", source.keep, source.once, cut)
        return ingest_stream(archive, stream, local_person(), options, on_progress=progress, note=progress.say)
    where = _folder_options(source)
    folder = source.watch or Path()
    return watch_folder(archive, folder, local_person(), options, where, once=source.once, on_progress=progress)


def _jobs(source: Source) -> "list[FootageJob]":
    """Return the jobs: the videos of one camera, or those of a manifest."""
    from index.ingest.registration import FootageJob, parse_start, read_manifest

    rule = _start_rule(source)
    if source.manifest is not None:
        jobs = read_manifest(source.manifest)
        return [replace(job, rule=replace(rule, by_picture=job.rule.by_picture)) for job in jobs]
    camera, start = source.camera or "", source.start or ""
    return [FootageJob(Path(video), camera, parse_start(start, video), rule, source.weather) for video in source.videos]


def _folder_options(source: Source) -> "FolderOptions":
    from index.ingest.watch import FolderOptions

    return FolderOptions(source.camera, source.names, _start_rule(source), source.rest_s)


def _start_rule(source: Source) -> "StartRule":
    """Return how the start of a file is found; on a terminal a person is asked to confirm a burnt-in clock."""
    from index.ingest.registration import CLOCK
    from index.ingest.start_time import StartRule, believe
    from index.ingest.times import read_zone

    zone = read_zone(source.zone) if source.zone else None
    can_ask = sys.stdin.isatty() and source.watch is None
    confirm = believe if source.accept_clock else confirm_start if can_ask else None
    return StartRule(zone, confirm, source.start == CLOCK)


@contextmanager
def _progress() -> Iterator[ProgressBars | ProgressLines]:
    progress = progress_on()
    try:
        yield progress
    finally:
        progress.close()


def _show(files: "Iterable[IngestedFootage]", as_json: bool, *, endless: bool) -> None:
    """Print each result as it is known, failures too if the command is `endless`; raise an error if a file failed."""
    from index.errors import ArchiveError

    documents: list[dict[str, object]] = []
    problems: list[str] = []
    for file in files:
        for doubt in file.doubts:
            note(f"{file.path}: {doubt}")
        if as_json:
            documents.append(asdict(file))
        elif file.status != "failed":
            click.echo(plain(_line(file)))
        if file.status == "failed":
            problems.append(file.problem or file.path)
            if endless or len(problems) > 1:
                note(f"failed: {problems[-1]}")
    if as_json and (len(problems) < len(documents) or not documents):
        show({"footage": documents}, as_json, ())
    if problems:
        raise ArchiveError(problems[0] + _others(problems))


def _others(failed: Sequence[str]) -> str:
    return f" (and {len(failed) - 1} more files)" if len(failed) > 1 else ""


def _line(file: "IngestedFootage") -> str:
    speed = file.seconds_of_video / file.seconds if file.seconds else 0.0
    problem = f": {file.problem}" if file.problem else ""
    return (
        f"{file.path}  {file.status}, {file.sightings} sightings in {file.seconds_of_video:.0f} s of video "
        f"({speed:.1f} times real time){problem}"
    )
