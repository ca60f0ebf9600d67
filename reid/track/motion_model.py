"""Predict where a vehicle's box will be, and pair the boxes of a frame with the predicted ones."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from reid import boxes
from reid.arrays import Floats

POSITION_GAIN, SPEED_GAIN = 0.7, 0.35
"""How strongly one box corrects the predicted position and speed: the alpha and beta of the filter."""

LONGEST_PREDICTION_S = 1.5
"""A predicted box stays where it is after this time: nobody drives straight for ever."""


@dataclass(frozen=True, slots=True)
class MotionModel:
    """Predict a box at steady speed, corrected by each box seen: an alpha-beta filter.

    `place` is (4,) centre x, centre y, log width, log height at `time_s`; `speed` is their change per second.
    """

    time_s: float
    place: Floats
    speed: Floats
    boxes_seen: int

    @classmethod
    def begin(cls, time_s: float, xyxy: Floats) -> "MotionModel":
        """Start from one box, standing."""
        return cls(time_s, _state_of(xyxy), np.zeros(4), 1)

    def at(self, time_s: float) -> Floats:
        """Return the (4,) xyxy box expected at a time."""
        state = self._expected(time_s)
        half = np.exp(state[2:]) / 2
        return np.concatenate([state[:2] - half, state[:2] + half])

    def corrected(self, time_s: float, xyxy: Floats) -> "MotionModel":
        """Return the model after seeing the box at a later time."""
        step_s = max(1e-3, time_s - self.time_s)
        expected = self._expected(time_s)
        innovation = _state_of(xyxy) - expected
        # the first few boxes determine the speed; later ones only correct it
        gain = max(SPEED_GAIN, 1.0 / self.boxes_seen)
        speed = self.speed + gain * innovation / step_s
        speed[2:] = np.clip(speed[2:], -1.5, 1.5)
        place = expected + POSITION_GAIN * innovation
        return replace(self, time_s=time_s, place=place, speed=speed, boxes_seen=self.boxes_seen + 1)

    def _expected(self, time_s: float) -> Floats:
        step_s = min(max(0.0, time_s - self.time_s), LONGEST_PREDICTION_S)
        expected: Floats = self.place + self.speed * step_s
        return expected


def best_pairs(affinity: Floats, least: float) -> list[tuple[int, int]]:
    """Return the (row, column) pairs of the assignment with the highest sum, without those below `least`."""
    rows, columns = linear_sum_assignment(-affinity)
    good = affinity[rows, columns] >= least
    return list(zip(rows[good].tolist(), columns[good].tolist(), strict=True))


def nearness(expected: boxes.Boxes, found: boxes.Boxes) -> Floats:
    """Return (n, m) from 0.5 for the same place down to 0 at two sizes away, for boxes of similar size.

    A young track has no speed yet; a fast vehicle may leave its own box between two frames.
    """
    size_a, size_b = np.sqrt(boxes.areas(expected))[:, None], np.sqrt(boxes.areas(found))[None, :]
    centre_a, centre_b = (expected[:, :2] + expected[:, 2:]) / 2, (found[:, :2] + found[:, 2:]) / 2
    away = np.linalg.norm(centre_a[:, None] - centre_b[None], axis=2) / np.maximum(np.maximum(size_a, size_b), 1.0)
    similar = np.minimum(size_a, size_b) / np.maximum(np.maximum(size_a, size_b), 1.0) > 0.5
    return np.where(similar, np.clip(0.5 - away / 4.0, 0.0, None), 0.0)


def size_changes(earlier: boxes.Boxes, found: boxes.Boxes) -> Floats:
    """Return (n, m) the logarithm, without sign, of the ratio of their sizes."""
    logarithms = [np.log(np.maximum(boxes.areas(rows), 1.0)) / 2 for rows in (earlier, found)]
    return np.asarray(np.abs(logarithms[0][:, None] - logarithms[1][None, :]))


def _state_of(xyxy: Floats) -> Floats:
    size = np.maximum(xyxy[2:] - xyxy[:2], 1.0)
    return np.concatenate([(xyxy[:2] + xyxy[2:]) / 2, np.log(size)])
