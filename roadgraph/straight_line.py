"""Estimate travel times between cameras that no road of the map joins: from the straight line between them, widely.

It serves archives without a road map, cameras off the roads, and pairs whose way the edge of the map cuts off. Where
nobody knows where a camera stands, all that is known of a drive is that it takes minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints
from roadgraph.delay_shape import as_shape, normal_shares
from roadgraph.geometry import LocalPlane, distance_m

FASTEST_MPS = 45.0
"""Nobody goes faster along the straight line: 162 km/h without any detour."""
NEAR_FACTOR, NEAR_POWER = 16.0, 0.4
"""The usual seconds over d metres in a town are 16 d^0.4: short drives are slow, by lights, turns and queues."""
FAR_MPS = 20.0
"""Over far distances the usual drive makes 72 km/h along the straight line."""
CORNERS = 72
"""Circles are drawn with so many corners."""
UNPLACED_S = 300.0
"""The usual seconds between cameras of which nobody knows how far they are apart."""

WIDE = as_shape(0.8 * normal_shares(-0.3, 0.9) + 0.2 * normal_shares(1.3, 1.1))
"""The shape of delays before any passage: the straight line tells the usual time to a factor of two or three."""


@dataclass(frozen=True, eq=False)
class StraightLines:
    """Where cameras stand, in the order of their numbers; NaN where nobody knows."""

    lat: Floats
    lon: Floats

    @classmethod
    def of(cls, ids: Sequence[str], places: Mapping[str, tuple[float, float]]) -> "StraightLines":
        """Return the straight lines between cameras, given the latitude and longitude of those that have a place."""
        known = np.array([places.get(id_, (np.nan, np.nan)) for id_ in ids], dtype=np.float64).reshape(-1, 2)
        return cls(known[:, 0], known[:, 1])

    def metres(self, starts: Ints, ends: Ints) -> Floats:
        """Return the distances between cameras, given by their numbers; NaN where a place is not known."""
        starts, ends = np.broadcast_arrays(starts, ends)
        if not len(self.lat):
            return np.full(starts.shape, np.nan)
        apart_m = distance_m(self.lat[starts], self.lon[starts], self.lat[ends], self.lon[ends])
        return np.where((starts < 0) | (ends < 0), np.nan, apart_m)

    def scales(self, starts: Ints, ends: Ints) -> tuple[Floats, Floats]:
        """Return the earliest seconds and the usual seconds beyond those, of pairs of cameras given by numbers.

        A camera seen again by the same vehicle lies at no distance, and says nothing of the way between.
        """
        metres = self.metres(starts, ends)
        known = metres > 0
        earliest_s = np.where(known, metres / FASTEST_MPS, 0.0)
        usual_s = np.where(known, usual_seconds(np.where(known, metres, 1.0)), UNPLACED_S)
        return earliest_s, usual_s - earliest_s


def circle_reached(lat: float, lon: float, seconds: float) -> Mapping[str, object]:
    """Return as GeoJSON the circle that nobody leaves in this time, whatever roads there are."""
    plane = LocalPlane(lat, lon)
    turns = np.radians(np.linspace(0, 360, CORNERS + 1))
    ring = plane.to_latlon(FASTEST_MPS * seconds * np.stack([np.cos(turns), np.sin(turns)], axis=1))[:, ::-1]
    return {"type": "MultiPolygon", "coordinates": [[np.round(ring, 6).tolist()]]}


def usual_seconds(metres: Floats) -> Floats:
    """Return the usual seconds of drives, given the straight distance."""
    return np.asarray(np.maximum(NEAR_FACTOR * metres**NEAR_POWER, metres / FAR_MPS))
