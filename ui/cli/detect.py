"""Detect the vehicles in a picture or video, and track them: `retrace detect`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import json_option, show
from ui.cli.parameters import FiniteRange, PathParameter

if TYPE_CHECKING:
    from reid.detect.detectors import Detector
    from reid.vehicle import Box

VIDEO_EVERY_S = 0.1


@click.command()
@click.argument("source", type=PathParameter(), metavar="VIDEO|IMAGE")
@click.option(
    "--detector", default="learned", show_default=True, help="learned, motion, or the path of an ONNX detector."
)
@click.option(
    "--every",
    "every_s",
    type=FiniteRange(0),
    default=VIDEO_EVERY_S,
    show_default=True,
    help="Analyse one frame every so many seconds.",
)
@json_option
def detect(source: Path, detector: str, every_s: float, as_json: bool) -> None:
    """Detect and track the vehicles of a video, or detect those of a picture.

    Example: retrace detect north.mp4 --json
    """
    from reid.detect.detectors import make_detector

    model = make_detector(detector)
    frames = _picture_frames(source, model) if _is_picture(source) else _video_frames(source, model, every_s)
    lines = (f"{frame['t']:.3f} s  {len(frame['boxes'])} vehicles  {frame['boxes']}" for frame in frames)  # type: ignore[arg-type]
    show({"frames": frames}, as_json, lines)


def _is_picture(source: Path) -> bool:
    return source.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def _picture_frames(source: Path, detector: "Detector") -> list[dict[str, object]]:
    from reid.images import read_image

    found = [d for d in detector.detect(read_image(source), 0.0) if d.score >= detector.certain_score]
    return [_frame(0.0, [(d.box, d.score, d.label, None) for d in found])]


def _video_frames(source: Path, detector: "Detector", every_s: float) -> list[dict[str, object]]:
    """Return the detections of each frame; a vehicle keeps its track number."""
    from reid.passages import tracker_for, warm_up
    from reid.track.tracker import TrackerOptions
    from reid.video.frames import frames, read_timeline

    timeline = read_timeline(source)
    warm_up(detector, timeline, 0.0, every_s)
    tracker = tracker_for(detector, TrackerOptions())
    documents = []
    for frame in frames(timeline, every_s=every_s):
        step = tracker.update(frame.index, frame.time_s, detector.detect(frame.image, frame.time_s))
        documents.append(_frame(frame.time_s, [(p.box, p.score, p.label, number) for number, p in step.points.items()]))
    return documents


def _frame(time_s: float, found: "list[tuple[Box, float, str | None, int | None]]") -> dict[str, object]:
    return {
        "t": round(time_s, 6),
        "boxes": [[round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)] for box, *_ in found],
        "scores": [round(score, 4) for _, score, *_ in found],
        "labels": [label for _, _, label, _ in found],
        "tracks": [number for *_, number in found],
    }
