"""Join the pieces of one vehicle and split several in one box, by where their tracks expect them."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.arrays import Floats
from reid.vehicle import Detection

INSIDE = 0.7
"""Share of a piece inside an expected box, or of an expected box inside a merged one, that counts as inside."""

SCRAP = 0.3
"""A piece smaller than this share of another is a part of the same vehicle, or a speck."""

SPLIT_SCORE = 0.5
"""A split box is a guess: its score is multiplied by this."""


def join_pieces(expected: boxes.Boxes, detections: Sequence[Detection]) -> list[Detection]:
    """Join the detections that lie inside one expected box, and in no other, if they fit it better together."""
    found = boxes.to_array([detection.box for detection in detections])
    if len(found) < 2 or not len(expected):
        return list(detections)
    inside = boxes.shares_inside(found, expected) >= INSIDE
    taken: set[int] = set()
    joined: list[Detection] = []
    for column in range(len(expected)):
        rows = [int(row) for row in np.flatnonzero(inside[:, column] & (inside.sum(axis=1) == 1)) if row not in taken]
        if len(rows) > 1 and _fits_better(expected[column], found[rows]):
            taken.update(rows)
            joined.append(_joined([detections[row] for row in rows]))
    return joined + [detection for row, detection in enumerate(detections) if row not in taken]


def large_pieces(expected: boxes.Boxes, detections: Sequence[Detection]) -> list[bool]:
    """Say for each expected box whether it holds two detections of comparable size."""
    found = boxes.to_array([detection.box for detection in detections])
    inside = boxes.shares_inside(found, expected) >= INSIDE
    sizes = boxes.areas(found)
    largest = [np.sort(sizes[inside[:, column]])[-2:] for column in range(len(expected))]
    return [len(two) == 2 and bool(two[0] >= SCRAP * two[1]) for two in largest]


def split_merged(expected: boxes.Boxes, detections: Sequence[Detection]) -> list[Detection]:
    """Split each detection that covers several expected boxes into those boxes, cut to it."""
    found = boxes.to_array([detection.box for detection in detections])
    if not len(found) or len(expected) < 2:
        return list(detections)
    covered = boxes.shares_inside(expected, found) >= INSIDE
    overlap = boxes.iou(expected, found)
    split: list[Detection] = []
    for column, detection in enumerate(detections):
        rows = np.flatnonzero(covered[:, column])
        if len(rows) > 1 and overlap[rows, column].max() < INSIDE and _are_different(expected[rows]):
            split += _parts(expected[rows], found[column], detection)
        else:
            split.append(detection)
    return split


def _fits_better(expected: Floats, pieces: boxes.Boxes) -> bool:
    whole = boxes.iou(expected[None], boxes.hull(pieces)[None])[0, 0]
    return bool(whole > boxes.iou(expected[None], pieces).max())


def _joined(pieces: Sequence[Detection]) -> Detection:
    best = max(pieces, key=lambda piece: piece.score)
    return Detection(boxes.to_box(boxes.hull(boxes.to_array([piece.box for piece in pieces]))), best.score, best.label)


def _are_different(expected: boxes.Boxes) -> bool:
    """Say whether the expected boxes are different vehicles, not two tracks of one."""
    overlap = boxes.iou(expected, expected)
    return bool(overlap[np.triu_indices(len(expected), 1)].max() < 0.5)


def _parts(expected: boxes.Boxes, merged: Floats, detection: Detection) -> list[Detection]:
    cut = np.concatenate([np.maximum(expected[:, :2], merged[:2]), np.minimum(expected[:, 2:], merged[2:])], axis=1)
    return [Detection(box, detection.score * SPLIT_SCORE, detection.label) for box in boxes.to_boxes(cut)]
