"""Draw random traffic past a camera: free flow, platoons, and queues at a red light."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import Floats
from reid.render.scene import Placement, Site
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, make_model, make_vehicle
from reid.render.vehicles.build import build

TYPE_SHARES = {"car": 0.46, "van": 0.16, "truck": 0.16, "bus": 0.08, "motorcycle": 0.14}
"""All types but cars are over-represented compared with traffic: the network has to learn each."""

STEP_S = 0.1
REACTION_S = 1.2
BETWEEN_M = 2.0
"""The least gap in a queue."""

FLEET = 8
NEAR_M = 8.0
"""Margin of the visible range: the ends of a long vehicle are visible before its middle."""

_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class LaneTrip:
    """The trip of one vehicle along its lane: `along_m` from the middle of the view at each STEP_S.

    The visible range is `from_m` to `to_m`.
    """

    vehicle: Vehicle
    direction: int
    lane: int
    lateral_m: float
    from_m: float
    to_m: float
    along_m: Floats

    def at(self, time_s: float) -> Placement:
        """Return its placement at a time."""
        times_s = np.arange(len(self.along_m)) * STEP_S
        ahead_m, behind_m = np.interp([time_s + STEP_S, time_s - STEP_S], times_s, self.along_m)
        now_m = float(np.interp(time_s, times_s, self.along_m))
        slows = ahead_m - now_m < now_m - behind_m - 0.02
        speed_mps = float(ahead_m - behind_m) / (2 * STEP_S)
        return Placement(
            self.vehicle, self.direction, now_m, self.lane, self.lateral_m, braking=bool(slows), speed_mps=speed_mps
        )


def draw_traffic(site: Site, duration_s: float, rng: np.random.Generator) -> list[LaneTrip]:
    """Return the trips of all vehicles in every lane of a street during `duration_s`.

    A few vehicles are used again and again, because each takes long to build and identity does not matter here.
    """
    fleet = [draw_vehicle(rng) for _ in range(FLEET)]
    lanes = [(direction, lane) for direction in (1, -1) for lane in range(site.street.lanes_each_way)]
    return [trip for lane in lanes for trip in _lane(site, *lane, fleet, duration_s, rng)]


def placements(trips: Sequence[LaneTrip], time_s: float) -> list[Placement]:
    """Return the placements of the vehicles that may be in the picture at a time."""
    now = [(trip, trip.at(time_s)) for trip in trips]
    return [placed for trip, placed in now if trip.from_m - NEAR_M < placed.along_m < trip.to_m + NEAR_M]


def draw_vehicle(rng: np.random.Generator) -> Vehicle:
    """Return a vehicle of a random model."""
    kind = str(rng.choice(list(TYPE_SHARES), p=list(TYPE_SHARES.values())))
    body = str(rng.choice([body for body, of_kind in TYPE_OF_BODY.items() if of_kind == kind]))
    return make_vehicle(int(rng.integers(_SEEDS)), make_model(int(rng.integers(_SEEDS)), body))


def _lane(
    site: Site, direction: int, lane: int, fleet: Sequence[Vehicle], duration_s: float, rng: np.random.Generator
) -> list[LaneTrip]:
    """Return the trips of a lane, each kept behind the vehicle ahead (Newell 2002, equation 5)."""
    first_m, last_m = site.visible_range_m(direction, lane)
    if last_m <= first_m:
        return []
    speed_mps = float(rng.uniform(4.0, 17.0))
    times_s = np.arange(round(duration_s / STEP_S) + 1, dtype=np.float64) * STEP_S
    headway_s = float(rng.choice([1.6, 3.0, 7.0, 15.0], p=[0.25, 0.3, 0.3, 0.15]))
    light = _red_light(first_m, last_m, duration_s, rng)
    ahead: LaneTrip | None = None
    trips: list[LaneTrip] = []
    place_m = float(rng.uniform(first_m, last_m)) if rng.random() < 0.8 else first_m
    while place_m > first_m - speed_mps * duration_s and len(trips) < 24:
        vehicle = fleet[int(rng.integers(len(fleet)))]
        along_m = _stopped(place_m + speed_mps * float(rng.uniform(0.9, 1.1)) * times_s, light, times_s)
        if ahead is not None:
            along_m = np.minimum(along_m, _behind(ahead, vehicle))
        ahead = LaneTrip(vehicle, direction, lane, float(rng.normal(0, 0.2)), first_m, last_m, along_m)
        trips.append(ahead)
        place_m -= build(vehicle).length_m + BETWEEN_M + speed_mps * float(rng.exponential(headway_s))
    return trips


def _red_light(
    first_m: float, last_m: float, duration_s: float, rng: np.random.Generator
) -> tuple[float, float, float] | None:
    """Return where a lane has to stop, from when and until when; None for a lane without a red light."""
    if rng.random() < 0.55:
        return None
    from_s = float(rng.uniform(-10.0, 0.6 * duration_s))
    return float(rng.uniform(first_m, last_m)), from_s, from_s + float(rng.choice([6.0, 15.0, 40.0]))


def _stopped(along_m: Floats, light: tuple[float, float, float] | None, times_s: Floats) -> Floats:
    """Return the positions of a vehicle that waits at the light, if it arrives while the light is red."""
    if light is None:
        return along_m
    line_m, from_s, until_s = light
    comes_s = float(np.interp(line_m, along_m, times_s))
    if along_m[0] > line_m or not from_s <= comes_s < until_s:
        return along_m
    late = np.interp(times_s - (until_s - comes_s), times_s, along_m)
    return np.where(times_s < until_s, np.minimum(along_m, line_m), np.maximum(line_m, late))


def _behind(ahead: LaneTrip, vehicle: Vehicle) -> Floats:
    """Return the farthest positions of a vehicle that follows another."""
    late = round(REACTION_S / STEP_S)
    earlier_m = ahead.along_m[0] + (ahead.along_m[1] - ahead.along_m[0]) * np.arange(-late, 0)
    earlier_m = np.concatenate([earlier_m, ahead.along_m])[: len(ahead.along_m)]
    room_m = (build(vehicle).length_m + build(ahead.vehicle).length_m) / 2 + BETWEEN_M
    return np.asarray(earlier_m - room_m)
