"""Choose where a city's cameras stand: on busy roads, so that many vehicles pass several of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from index.errors import ArchiveError
from roadgraph.camera import AHEAD_M, Camera
from roadgraph.geometry import LocalPlane, bearing_deg
from roadgraph.graph import Ints, RoadGraph
from roadgraph.traffic import Trip

SHORTEST_ROAD_M = 90.0
"""A camera needs so much road before the next junction."""
APART_M = 220.0
SAMPLE = 5000
"""So many vehicles are enough to know where traffic is."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a road to look at, and how the road runs there, clockwise from north."""

    lat: float
    lon: float
    road_bearing_deg: float

    def camera(self, name: str, heading_deg: float) -> Camera:
        """Return the camera that looks at the point so that vehicles along the road drive at `heading_deg`."""
        bearing_deg = round((self.road_bearing_deg - heading_deg) % 360, 1)
        turn = np.radians(bearing_deg)
        pole_m = -AHEAD_M * np.array([np.sin(turn), np.cos(turn)])
        lat, lon = LocalPlane(self.lat, self.lon).to_latlon(pole_m)[0]
        return Camera(name, round(float(lat), 7), round(float(lon), 7), bearing_deg)


def choose_spots(
    graph: RoadGraph, trips: Sequence[Trip], period_s: tuple[float, float], n: int, seed: int
) -> list[Spot]:
    """Return places for `n` cameras, each where it adds the most: a vehicle's first passage is worth 1, others 2."""
    road_of_edge = graph.road_of_edge
    roads = np.flatnonzero((road_of_edge == np.arange(graph.edges)) & (graph.edge_length_m >= SHORTEST_ROAD_M))
    if len(roads) < n:
        raise ArchiveError(f"{n} cameras are asked for but only {len(roads)} roads are long enough: ask for fewer")
    middles = graph.plane.to_xy(*np.array([graph.position(int(r), graph.edge_length_m[r] / 2) for r in roads]).T)
    counts = _counts(trips, period_s, road_of_edge, roads)
    passes, is_passed = counts.sum(axis=0), (counts > 0).astype(float)
    unseen, free, left = np.ones(counts.shape[0]), np.ones(len(roads), bool), np.ones(len(roads), bool)
    chosen: list[int] = []
    while len(chosen) < n:
        gain = 2 * passes - unseen @ is_passed
        best = int(np.argmax(np.where(free if free.any() else left, gain, -1.0)))
        chosen.append(best)
        unseen[counts[:, [best]].nonzero()[0]] = 0.0
        left[best] = False
        free &= (np.hypot(*(middles - middles[best]).T) > APART_M) & left
    rng = np.random.default_rng([seed, 3])
    return [_spot(graph, int(roads[i]), rng) for i in chosen]


def _counts(
    trips: Sequence[Trip], period_s: tuple[float, float], road_of_edge: Ints, roads: npt.NDArray[np.intp]
) -> csr_array:
    """Return how often each vehicle drives along each of the roads in the period, (vehicles, roads)."""
    column = np.full(len(road_of_edge), -1)
    column[roads] = np.arange(len(roads))
    sample = [trip for trip in trips if trip.vehicle < SAMPLE]
    if not sample:
        raise ArchiveError("nobody drives anywhere: the map is too small, give one with more roads")
    edges = np.concatenate([trip.edges for trip in sample])
    vehicles = np.repeat([trip.vehicle for trip in sample], [len(trip.edges) for trip in sample])
    times_s = np.concatenate([(trip.enter_s + trip.exit_s) / 2 for trip in sample])
    columns = column[road_of_edge[edges]]
    counted = (times_s >= period_s[0]) & (times_s < period_s[1]) & (columns >= 0)
    shape = int(vehicles.max()) + 1, len(roads)
    return csr_array((np.ones(int(counted.sum())), (vehicles[counted], columns[counted])), shape=shape)


def _spot(graph: RoadGraph, road: int, rng: np.random.Generator) -> Spot:
    """Return the middle of a road, along one of its directions."""
    reverse = int(graph.edge_reverse[road])
    edge = reverse if reverse >= 0 and rng.random() < 0.5 else road
    length_m = float(graph.edge_length_m[edge])
    ends = [graph.position(edge, length_m * share) for share in (0.35, 0.5, 0.65)]
    (before, _, behind), (lat, lon) = ends, ends[1]
    return Spot(lat, lon, float(bearing_deg(*before, *behind)))
