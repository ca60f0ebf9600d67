"""Tell which way vehicles drive past cameras whose roads nobody knows, by the heading in the picture.

A way past is one of four quarters, numbered below zero so that it is never a road of a map. What was learned of two
cameras, and their bearings where these are known, tell which way a vehicle drives that comes from one to the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roadgraph.arrays import Flags, Floats
from roadgraph.geometry import bearing_deg
from roadgraph.next_counts import NextCounts, NextPassage

WAYS = (-1, -2, -3, -4)
"""Away from the camera, to the right, towards it, to the left."""
AHEAD_SHARE, AHEAD_WORTH = 0.75, 20.0
"""The share of drives that head for the next camera, and as many passages as that counts for."""
WAY_WORTH = 8.0
"""What is expected of the way past a camera counts as much as this many passages."""


def road_or_way(edge: int | None, heading_deg: float | None) -> int | None:
    """Return the directed road, or where it is not known the way past the camera; None without a heading either."""
    if edge is not None or heading_deg is None:
        return edge
    return WAYS[round(heading_deg / 90) % 4]


def opposite(way: int) -> int:
    """Return the way past a camera that comes the other way."""
    return WAYS[(WAYS.index(way) + 2) % len(WAYS)]


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a camera stands, and the bearing in which it looks; None if unknown."""

    lat: float
    lon: float
    bearing_deg: float | None

    def heads_for(self, other: "Pose") -> Flags | None:
        """Return for each of WAYS whether it heads for the other camera; None where the bearing is not known."""
        if self.bearing_deg is None:
            return None
        there = float(bearing_deg(self.lat, self.lon, other.lat, other.lon))
        return np.asarray(np.cos(np.radians(self.bearing_deg + 90.0 * np.arange(4) - there)) > 0)


@dataclass(frozen=True, eq=False)
class WaysPast:
    """What passages counted and the poses of cameras tell of the ways between cameras that no map joins."""

    counts: NextCounts
    poses: Mapping[str, Pose]

    def leaving(self, camera: str, way: int | None, other: str, *, backwards: bool) -> float:
        """Return how much likelier than any camera the next one (`backwards`: the one before) is, by its place."""
        ahead = self._ahead(camera, other, away=backwards)
        if ahead is None or way not in WAYS:
            return 1.0
        share = self.ahead_share
        return 2 * (share if ahead[WAYS.index(way)] else 1 - share)

    def past(self, start: str, way: int | None, other: str, traffic: Floats, *, backwards: bool) -> Floats:
        """Return the share of each of WAYS past another camera, of vehicles that drove on from the start (or to it).

        `traffic` (4,) are the shares of all vehicles there.
        """
        ahead = self._ahead(other, start, away=not backwards)
        expected = traffic if ahead is None else traffic * np.where(ahead, self.ahead_share, 1 - self.ahead_share)
        expected = expected / max(float(expected.sum()), 1e-12)
        for same_way in (False, True):
            counted = self._counted(start, way if same_way else None, other, backwards=backwards)
            expected = (counted + WAY_WORTH * expected) / (counted.sum() + WAY_WORTH)
        return np.asarray(expected)

    @cached_property
    def ahead_share(self) -> float:
        """Return the share of drives that head for the next camera when they leave one, and away when they arrive."""
        ahead, known = 0.0, 0.0
        for passage, vehicles in self.counts.passages.items():
            for camera, way, other, away in (
                (passage.first, passage.first_edge, passage.second, False),
                (passage.second, passage.second_edge, passage.first, True),
            ):
                heads = self._ahead(camera, other, away=away)
                if heads is not None and way in WAYS:
                    known += vehicles
                    ahead += vehicles * bool(heads[WAYS.index(way)])
        return (ahead + AHEAD_WORTH * AHEAD_SHARE) / (known + AHEAD_WORTH)

    def _ahead(self, camera: str, other: str, *, away: bool) -> Flags | None:
        """Return which ways past a camera head for the other, or away from it; None where a place is not known."""
        if camera not in self.poses or other not in self.poses:
            return None
        heads = self.poses[camera].heads_for(self.poses[other])
        return None if heads is None else heads != away

    def _counted(self, start: str, way: int | None, other: str, *, backwards: bool) -> Floats:
        """Return how many vehicles took each of WAYS past the other camera."""
        counted = np.zeros(len(WAYS))
        for passage, vehicles in self.counts.between(start, other, backwards=backwards):
            own, there = _roads(passage, backwards=backwards)
            if there in WAYS and (way is None or way == own):
                counted[WAYS.index(there)] += vehicles
        return counted


def _roads(passage: NextPassage, *, backwards: bool) -> tuple[int | None, int | None]:
    """Return the roads past the start and past the other camera."""
    roads = passage.first_edge, passage.second_edge
    return roads[::-1] if backwards else roads
