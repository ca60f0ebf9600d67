"""Say which stretches of a camera's clock a chunk of footage covers, and why nothing could be seen in some."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from index.catalogue.chunks import Coverage
from index.catalogue.footage import Footage
from reid.scene_log import Stretch, holes
from reid.timeline import Timeline


def coverage_of(
    stored: Footage, timeline: Timeline, seen: Sequence[Stretch], start_s: float, end_s: float
) -> list[Coverage]:
    """Return what was looked at, on the camera's clock; where frames are missing, that is said instead."""
    missing = [
        hole for hole in holes(timeline.times_s, timeline.frame_s) if hole.start_s < end_s and hole.end_s > start_s
    ]
    stretches = list(seen)
    for hole in missing:
        stretches = [part for stretch in stretches for part in _without(stretch, hole)]
    stretches += [Stretch(max(hole.start_s, start_s), min(hole.end_s, end_s), hole.problem) for hole in missing]
    return [
        Coverage(
            stored.camera,
            stored.start + timedelta(seconds=stretch.start_s),
            stored.start + timedelta(seconds=stretch.end_s),
            stretch.problem,
        )
        for stretch in sorted(stretches, key=lambda stretch: stretch.start_s)
    ]


def _without(stretch: Stretch, hole: Stretch) -> list[Stretch]:
    """Return what is left of a stretch outside a hole."""
    before = replace(stretch, end_s=min(stretch.end_s, hole.start_s))
    after = replace(stretch, start_s=max(stretch.start_s, hole.end_s))
    return [part for part in (before, after) if part.end_s > part.start_s]
