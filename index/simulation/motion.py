"""Move vehicles past a camera: the position of each on its lane in each frame, none through another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reid.arrays import Floats, Ints
from roadgraph.graph import RoadGraph
from roadgraph.passages import SimulatedPassage
from roadgraph.traffic import Trip

AWAY, TOWARDS = 1, -1
BETWEEN_M = 2.0
"""The least gap between two vehicles in a queue."""
REACTION_S = 1.2


@dataclass(frozen=True, slots=True)
class Approach:
    """One vehicle's trip past a camera: at `times_s`, seconds of the period, it is `metres` past the camera's point.

    `vehicle` is its number in the fleet, `direction` is AWAY from the camera or TOWARDS it.
    """

    vehicle: int
    direction: int
    length_m: float
    times_s: Floats
    metres: Floats

    @property
    def passes_s(self) -> float:
        """Return the time at the camera's point."""
        return float(np.interp(0.0, self.metres, self.times_s))

    def metres_at(self, times_s: Floats) -> Floats:
        """Return the metres past the point at each time, extended beyond the trip at the speeds of its ends."""
        inside = np.interp(times_s, self.times_s, self.metres)
        first_mps, last_mps = _end_speeds(self.times_s, self.metres)
        before = np.minimum(times_s - self.times_s[0], 0.0) * first_mps
        after = np.maximum(times_s - self.times_s[-1], 0.0) * last_mps
        return np.asarray(inside + before + after)


@dataclass(frozen=True, slots=True)
class LaneDrive:
    """The frames in which one vehicle is near a camera's point, its metres past the point, and its speed.

    Lane 0 is the outermost.
    """

    vehicle: int
    direction: int
    lane: int
    length_m: float
    frames: Ints
    along_m: Floats
    speed_mps: Floats


def approach(
    trip: Trip, graph: RoadGraph, passage: SimulatedPassage, *, direction: int, length_m: float, around_m: float
) -> Approach:
    """Return the part of a trip within `around_m` of the camera's point."""
    times_s, metres = _line(trip, graph)
    metres = metres - np.interp(passage.time_s, times_s, metres)
    cut_m = np.clip([-around_m, around_m], metres[0], metres[-1])
    inside = (metres > cut_m[0]) & (metres < cut_m[1])
    rising = np.maximum.accumulate(metres + np.arange(len(metres)) * 1e-9)
    ends_s = np.interp(cut_m, rising, times_s)
    return Approach(
        passage.vehicle,
        direction,
        length_m,
        np.concatenate([ends_s[:1], times_s[inside], ends_s[1:]]),
        np.concatenate([cut_m[:1], metres[inside], cut_m[1:]]),
    )


def _line(trip: Trip, graph: RoadGraph) -> tuple[Floats, Floats]:
    """Return times and metres at both ends of each edge of a trip; between them the speed is constant."""
    length_m = graph.edge_length_m[trip.edges].astype(float)
    length_m[-1] = trip.to_m
    length_m[0] -= trip.from_m
    gone_m = np.cumsum(length_m)
    return np.column_stack([trip.enter_s, trip.exit_s]).ravel(), np.column_stack([gone_m - length_m, gone_m]).ravel()


def lane_drives(
    approaches: Sequence[Approach],
    frame_times_s: Floats,
    near_m: Mapping[int, tuple[float, float]],
    *,
    lanes: int = 1,
) -> list[LaneDrive]:
    """Return the drives past one camera, with the vehicles of a lane kept behind one another.

    `near_m` gives, by direction, the stretch around the camera's point that is kept.
    """
    last_in_lane: dict[tuple[int, int], LaneDrive] = {}
    found = []
    for approach in sorted(approaches, key=lambda approach: (approach.passes_s, approach.vehicle)):
        lane = approach.direction, approach.vehicle % lanes
        drive = _drive(approach, lane[1], frame_times_s)
        ahead = last_in_lane.get(lane)
        last_in_lane[lane] = drive if ahead is None else _behind(drive, ahead, frame_times_s)
        near = _cut(last_in_lane[lane], *near_m[approach.direction])
        if near.frames.size:
            found.append(near)
    return found


def _drive(approach: Approach, lane: int, frame_times_s: Floats) -> LaneDrive:
    frames = np.arange(len(frame_times_s))
    along_m = approach.metres_at(frame_times_s)
    speed_mps = _speeds(along_m, frame_times_s)
    return LaneDrive(approach.vehicle, approach.direction, lane, approach.length_m, frames, along_m, speed_mps)


def _speeds(along_m: Floats, times_s: Floats) -> Floats:
    return np.gradient(along_m, times_s) if len(times_s) > 1 else np.zeros(len(times_s))


def _behind(drive: LaneDrive, ahead: LaneDrive, times_s: Floats) -> LaneDrive:
    """Return the drive kept behind the one ahead: never past where that was REACTION_S ago, less their lengths.

    Newell's simplified car following (Transportation Research B 36, 2002, equation 5).
    """
    earlier_s = times_s - REACTION_S
    entering_m = np.minimum(earlier_s - times_s[0], 0.0) * ahead.speed_mps[0]
    ahead_m = np.interp(earlier_s, times_s, ahead.along_m) + entering_m
    room_m = (drive.length_m + ahead.length_m) / 2 + BETWEEN_M
    along_m = np.minimum(drive.along_m, ahead_m - room_m)
    return replace(drive, along_m=along_m, speed_mps=_speeds(along_m, times_s))


def _cut(drive: LaneDrive, from_m: float, to_m: float) -> LaneDrive:
    near = (drive.along_m >= from_m) & (drive.along_m <= to_m)
    return replace(drive, frames=drive.frames[near], along_m=drive.along_m[near], speed_mps=drive.speed_mps[near])


def _end_speeds(times_s: Floats, metres: Floats) -> tuple[float, float]:
    """Return the first and the last speed above walking pace, m/s: no vehicle stops for good in the picture."""
    speeds = np.diff(metres) / np.maximum(np.diff(times_s), 1e-3)
    moving = speeds[speeds > 1.0]
    if not moving.size:
        return 8.0, 8.0
    return float(moving[0]), float(moving[-1])
