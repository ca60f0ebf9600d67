"""Predict where a tracked box will be: centre and size at steady speed, corrected by what is seen."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

State = npt.NDArray[np.float64]
"""(4,) centre x, centre y, log width, log height; or their change in a second."""

POSITION_GAIN = 0.7
SPEED_GAIN = 0.35
LONGEST_STEP_S = 1.5
"""Beyond this a prediction is held where it is: nobody drives straight for ever."""


@dataclass(frozen=True, slots=True)
class MotionModel:
    """Where a box was last believed to be, and how it moves: an alpha-beta filter; `seen` counts the boxes."""

    time_s: float
    place: State
    speed: State
    seen: int

    @classmethod
    def begin(cls, time_s: float, xyxy: npt.NDArray[np.float64]) -> "MotionModel":
        """Start from one box, standing."""
        return cls(time_s, _state_of(xyxy), np.zeros(4), 1)

    def at(self, time_s: float) -> npt.NDArray[np.float64]:
        """Return the (4,) xyxy box expected at a time."""
        return _xyxy_of(self._expected(time_s))

    def corrected(self, time_s: float, xyxy: npt.NDArray[np.float64]) -> "MotionModel":
        """Return the model after seeing the box at a later time."""
        step_s = max(1e-3, time_s - self.time_s)
        expected = self._expected(time_s)
        surprise = _state_of(xyxy) - expected
        # the first few boxes tell the speed outright; later ones only correct it
        gain = max(SPEED_GAIN, 1.0 / self.seen)
        speed = self.speed + gain * surprise / step_s
        speed[2:] = np.clip(speed[2:], -1.5, 1.5)
        return replace(self, time_s=time_s, place=expected + POSITION_GAIN * surprise, speed=speed, seen=self.seen + 1)

    def _expected(self, time_s: float) -> State:
        step_s = min(max(0.0, time_s - self.time_s), LONGEST_STEP_S)
        expected: State = self.place + self.speed * step_s
        return expected


def _state_of(xyxy: npt.NDArray[np.float64]) -> State:
    size = np.maximum(xyxy[2:] - xyxy[:2], 1.0)
    return np.concatenate([(xyxy[:2] + xyxy[2:]) / 2, np.log(size)])


def _xyxy_of(state: State) -> npt.NDArray[np.float64]:
    half = np.exp(state[2:]) / 2
    return np.concatenate([state[:2] - half, state[:2] + half])
