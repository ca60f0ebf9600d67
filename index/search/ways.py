"""Tell where a vehicle drives next: how much likelier it passes a camera than the traffic there would make it.

A search picks among all sightings, so a busy camera is as likely as it is busy. The roads know more: the next camera
lies on the way, and none between. Cameras miss vehicles and people turn off, so the roads are believed by half.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from reid.arrays import Floats, Ints
from roadgraph.camera_times import CameraTimes
from roadgraph.graph import RoadGraph
from roadgraph.next_camera import with_counts
from roadgraph.next_counts import NO_COUNTS, NextCounts, counted_shares
from roadgraph.way_past import Pose, WaysPast

BELIEVED = 0.5
"""The share of drives that pass the camera which the roads expect; the others pass any, as traffic does."""

SHARES_REMEMBERED = 4096
"""Of a thousand cameras they take 33 MB."""


@dataclass(frozen=True, eq=False)
class Ways:
    """The roads, the times between cameras and the vehicles counted, from which the next camera is estimated.

    Without roads (None) the next camera is any, as traffic is, until vehicles were counted.
    """

    graph: RoadGraph | None
    times: CameraTimes
    counts: NextCounts = NO_COUNTS
    poses: Mapping[str, Pose] = field(default_factory=dict)

    def from_start(self, camera: str, edge: int | None, cameras: Sequence[str], elapsed_s: Floats) -> Floats:
        """Return the llr of each sighting's camera, (n,): the next one after the start, or the last one before."""
        llrs = np.zeros(len(cameras))
        codes = self._codes(cameras)
        for side, backwards in ((elapsed_s >= 0, False), (elapsed_s < 0, True)):
            llrs[side] = self._llrs(camera, edge, codes[side], self._traffic(codes[side]), backwards=backwards)
        return llrs

    def between(self, cameras: Sequence[str], edges: Sequence[int | None], gallery: Sequence[str]) -> Floats:
        """Return the llr of each column to be the next camera after each row, (n, n), in traffic as in a gallery."""
        codes, traffic = self._codes(cameras), self._traffic(self._codes(gallery))
        return np.array(
            [self._llrs(camera, edge, codes, traffic) for camera, edge in zip(cameras, edges, strict=True)]
        ).reshape(len(cameras), len(cameras))

    def _llrs(self, camera: str, edge: int | None, codes: Ints, traffic: Floats, *, backwards: bool = False) -> Floats:
        if camera not in self.times.code_of:
            return np.zeros(len(codes))
        expected = self._shares(camera, edge, traffic, backwards)[codes] / np.maximum(traffic[codes], 1e-9)
        return np.where((codes < 0) | (traffic[codes] <= 0), 0.0, np.log(1 - BELIEVED + BELIEVED * expected))

    def _shares(self, camera: str, edge: int | None, traffic: Floats, backwards: bool) -> Floats:
        """Return the probability that each camera of the map is the next one, or the last before."""
        if self.graph is None:
            return self._shares_without_roads(camera, edge, traffic, backwards)
        return _next_shares(self.graph, self.times, self.counts)(camera, edge, backwards)

    def _shares_without_roads(self, camera: str, way: int | None, traffic: Floats, backwards: bool) -> Floats:
        """Return the shares from where the cameras stand and look, and from the vehicles counted."""
        factors = [self.past.leaving(camera, way, other, backwards=backwards) for other in self.times.ids]
        expected: Floats = traffic * np.array(factors, dtype=np.float64)
        expected /= max(float(expected.sum()), 1e-12)
        for known in dict.fromkeys((None, way)):
            expected = with_counts(expected, self.counts.beside(self.times, camera, known, backwards=backwards))
        return expected

    @cached_property
    def past(self) -> WaysPast:
        """Return what is known of the ways past cameras that no map joins."""
        return WaysPast(self.counts, self.poses)

    def _codes(self, cameras: Sequence[str]) -> Ints:
        """Return the number of each camera on the map, -1 for a camera that is not on it."""
        return np.array([self.times.code_of.get(camera, -1) for camera in cameras], dtype=np.int64)

    def _traffic(self, codes: Ints) -> Floats:
        """Return the share of sightings on each camera of the map."""
        counts = np.bincount(codes[codes >= 0], minlength=max(len(self.times.ids), 1)).astype(np.float64)
        return counts / max(float(counts.sum()), 1.0)


@lru_cache(maxsize=2)
def _next_shares(graph: RoadGraph, times: CameraTimes, counts: NextCounts) -> Callable[[str, int | None, bool], Floats]:
    """Return a function that remembers shares: all questions and stories leave the same cameras again and again."""
    return lru_cache(maxsize=SHARES_REMEMBERED)(
        lambda camera, edge, backwards: counted_shares(graph, times, counts, camera, edge, backwards=backwards)
    )
