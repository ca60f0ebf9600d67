"""Label the vehicles of real pictures, which nobody drew: by the boxes on which two networks of others agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reid import boxes
from reid.arrays import Flags, Floats
from reid.detect.detectors import Detector
from reid.detect.learned import LearnedDetector
from reid.vehicle import Detection, Image

LABELLED, IGNORED = 1.0, 0.0
"""How visible a box is said to be: what is not agreed on is neither a vehicle nor road."""

LEAST_SCORE = 0.12
"""Teachers must give boxes from this score on."""

SAME, NEAR = 0.5, 0.45
"""Boxes that overlap by so much are of one vehicle."""

BOTH_SURE, ONE_SURE, HALF_SURE, ALONE = 0.25, 0.55, 0.2, 0.27
OWN_SURE, OWN_EXACT = 0.4, 0.7
OWN_ALONE = 0.3
"""What we see from this score on, and no teacher does, may be a vehicle that is too small for them."""

TILE = 0.6
"""Teachers look at the whole picture, and at four overlapping parts of so much of its sides."""


@dataclass(frozen=True, slots=True)
class Teachers:
    """Two networks of others, and our own, whose box is taken where it lies on a vehicle on which they agree."""

    first: Detector
    second: Detector
    own: LearnedDetector

    @property
    def model_ids(self) -> tuple[str, str, str]:
        """Return the ids of all three, which decide the labels."""
        return self.first.model_id, self.second.model_id, self.own.model_id

    def label(self, image: Image, *, is_empty: bool = False) -> Floats:
        """Return (n, 5): xyxy and whether it is LABELLED or IGNORED. Types of teachers are not believed.

        Where a scene is said to be empty, what we alone see is road.
        """
        rows = agreed_boxes(seen_by(self.first, image), seen_by(self.second, image))
        return rows if is_empty else with_own(rows, _rows_of(self.own.detect_in_photograph(image)))


def seen_by(teacher: Detector, image: Image) -> Floats:
    """Return (n, 6): xyxy, score, and whether it is a bicycle, in the whole picture and its parts."""
    height, width = image.shape[:2]
    found = []
    for left, top, right, bottom in _parts(width, height):
        part = np.ascontiguousarray(image[top:bottom, left:right])
        rows = _rows_of(teacher.detect(part, 0.0))
        whole = ~_is_cut(rows, (left, top, right, bottom), (width, height))
        found.append(rows[whole] + [left, top, left, top, 0, 0])
    rows = np.concatenate(found)
    return rows[boxes.non_maximum_suppression(rows[:, :4], rows[:, 4], max_iou=SAME)]


def agreed_boxes(first: Floats, second: Floats) -> Floats:
    """Return (n, 5): the boxes on which both agree, LABELLED where they are sure, and the disputed ones, IGNORED."""
    rows: list[list[float]] = []
    pairs = _matched(first, second)
    for one, other in pairs:
        a, b = first[one], second[other]
        surest, is_sure = max(a[4], b[4]), min(a[4], b[4]) >= BOTH_SURE
        mean = (a[:4] * a[4] + b[:4] * b[4]) / (a[4] + b[4])
        if surest >= HALF_SURE:
            labelled = (is_sure or surest >= ONE_SURE) and not (a[5] or b[5])
            rows.append([*mean, LABELLED if labelled else IGNORED])
    agreed = np.array([row[:4] for row in rows if row[4] == LABELLED]).reshape(-1, 4)
    for seen, matched in ((first, {one for one, _ in pairs}), (second, {other for _, other in pairs})):
        for at in sorted(set(range(len(seen))) - matched):
            if seen[at, 4] >= ALONE and _overlap(seen[at], agreed) <= NEAR:
                rows.append([*seen[at, :4], IGNORED])
    return np.array(rows).reshape(-1, 5)


def with_own(rows: Floats, own: Floats) -> Floats:
    """Return the rows with our own boxes on the same vehicles, and with what we alone see, IGNORED."""
    rows = rows.copy()
    taken = {(at, mine) for at, mine in _matched(rows, own) if rows[at, 4] == LABELLED and own[mine, 4] >= OWN_SURE}
    for at, mine in taken:
        exact = _overlap(rows[at], own[mine : mine + 1, :4]) >= OWN_EXACT
        rows[at, :4] = own[mine, :4] if exact else (rows[at, :4] + own[mine, :4]) / 2
    alone = [row for row in own if row[4] >= OWN_ALONE and _overlap(row, rows[:, :4]) < 0.3]
    return np.concatenate([rows, np.array([[*row[:4], IGNORED] for row in alone]).reshape(-1, 5)])


def _matched(first: Floats, second: Floats) -> list[tuple[int, int]]:
    """Return pairs of rows that overlap by SAME, the best first; each row is in one pair at most."""
    overlap = boxes.iou(first[:, :4], second[:, :4])
    order = sorted(np.argwhere(overlap >= SAME).tolist(), key=lambda pair: -overlap[pair[0], pair[1]])
    pairs: list[tuple[int, int]] = []
    for one, other in order:
        if all(one != left and other != right for left, right in pairs):
            pairs.append((one, other))
    return pairs


def _overlap(row: Floats, others: Floats) -> float:
    return float(boxes.iou(row[None, :4], others).max()) if len(others) else 0.0


def _parts(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    yield 0, 0, width, height
    wide, high = int(width * TILE), int(height * TILE)
    for left in (0, width - wide):
        for top in (0, height - high):
            yield left, top, left + wide, top + high


def _is_cut(rows: Floats, part: tuple[int, int, int, int], size: tuple[int, int]) -> Flags:
    """Tell which boxes end at an edge of a part that is no edge of the picture."""
    left, top, right, bottom = part
    low = (rows[:, :2] < 3) & (np.array([left, top]) > 0)
    high = (rows[:, 2:4] > np.array([right - left, bottom - top]) - 3) & (np.array([right, bottom]) < np.array(size))
    return np.asarray((low | high).any(axis=1))


def _rows_of(found: Sequence[Detection]) -> Floats:
    rows = [
        [one.box.x, one.box.y, one.box.x + one.box.width, one.box.y + one.box.height, one.score, one.label == "bicycle"]
        for one in found
    ]
    return np.array(rows, np.float64).reshape(-1, 6)
