"""Read what plate cameras counted in Bath: roads, directed sites on them, and vehicles from site to site."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from roadgraph.arrays import Flags, Floats, Ints
from roadgraph.assembly import assemble
from roadgraph.camera import Camera, PlacedCamera, View
from roadgraph.geojson import read_geojson
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph
from roadgraph.nearest import RoadPoint
from roadgraph.network import MINOR_CLASS

OPEN_BRIDGE = frozenset({"34784839", "34784840", "192668647"})
"""Cleveland Bridge, closed for repairs when the map was drawn (motor_vehicle=no), open when vehicles were counted."""
BEARINGS = {"N": 0.0, "E": 90.0, "S": 180.0, "W": 270.0}
COUNTED_S = 900.0
"""A vehicle was counted from one site to the next that saw it within this time."""
ENOUGH = 100
"""Pairs of fewer vehicles are not compared."""
REACH_M, BESIDE_M, ASKEW_M = 60.0, 15.0, 12.0
"""Sites are put on roads within REACH_M, on one that is at most BESIDE_M farther than the nearest; see `_view`."""


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Vehicles from one site to the next: numbers of both sites, the mean seconds, how many vehicles, and the hour.

    `routed_s` are another router's seconds, NaN where it has none; the hour is -1 for the whole day.
    """

    first: Ints
    second: Ints
    mean_s: Floats
    count: Ints
    hour: Ints
    routed_s: Floats

    def only(self, kept: Flags) -> "PairCounts":
        """Return some of the rows."""
        return PairCounts(*(getattr(self, field.name)[kept] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Bath:
    """The city: its roads, the sites on them in order of id, the place of each, and what was counted."""

    graph: RoadGraph
    placed: tuple[PlacedCamera, ...]
    place: Ints
    by_pair: PairCounts
    by_hour: PairCounts

    @cached_property
    def sources(self) -> Ints:
        """Return the sites from which vehicles were counted."""
        return np.unique(self.by_pair.first)

    def compared(self, rows: PairCounts, fewest: int = ENOUGH) -> Flags:
        """Return which rows are of two places that another router joins, with enough vehicles."""
        apart = self.place[rows.first] != self.place[rows.second]
        return np.asarray(apart & (rows.count >= fewest) & (rows.routed_s > 0))


def read_bath(folder: Path, *, bridge_open: bool = True) -> Bath:
    """Return the city from the folder of its files."""
    graph = _graph(folder / "roads.geojson.gz", bridge_open=bridge_open)
    sites = sorted(_rows(folder / "sites.csv"), key=lambda site: site["site"])
    placed = tuple(_placed(graph, site) for site in sites)
    numbers = {site["site"]: number for number, site in enumerate(sites)}
    place = np.array([int(site["place"]) for site in sites])
    by_pair = _counts(_rows(folder / "pairs.csv"), numbers, {})
    routed = {
        (int(a), int(b)): float(s) for a, b, s in zip(by_pair.first, by_pair.second, by_pair.routed_s, strict=True)
    }
    by_hour = _counts(_rows(folder / "pairs-by-hour.csv"), numbers, routed)
    return Bath(graph, placed, place, by_pair, by_hour)


def _graph(path: Path, *, bridge_open: bool) -> RoadGraph:
    document = json.loads(gzip.decompress(path.read_bytes()))
    for feature in document["features"]:
        if bridge_open and feature["properties"]["osm_id"] in OPEN_BRIDGE:
            del feature["properties"]["motor_vehicle"]
    return assemble(read_geojson(path, json.dumps(document))).graph


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _placed(graph: RoadGraph, site: Mapping[str, str]) -> PlacedCamera:
    """Return a site with its view; car parks see both directions, because theirs are not compass directions."""
    bearing_deg = BEARINGS[site["direction"]]
    camera = Camera(site["site"], float(site["lat"]), float(site["lon"]), bearing_deg)
    in_car_park = "Car Park" in site["description"]
    point = _view(graph, camera, bearing_deg, in_car_park=in_car_park)
    views = [View(point.edge, point.along_m, None)]
    reverse = int(graph.edge_reverse[point.edge])
    if in_car_park and reverse >= 0:
        views.append(View(reverse, float(graph.edge_length_m[reverse]) - point.along_m, None))
    return PlacedCamera(camera, tuple(sorted(views, key=lambda view: view.edge)), point.distance_m)


def _view(graph: RoadGraph, camera: Camera, bearing_deg: float, *, in_car_park: bool) -> RoadPoint:
    """Return the nearest directed road that runs as the site says: a driveway at a car park, else a street."""
    near = [
        point
        for point in graph.index.near(graph.plane.to_xy(camera.lat, camera.lon)[0], REACH_M)
        if (graph.edge_class[point.edge] == MINOR_CLASS) == in_car_park
    ]
    nearest_m = min(point.distance_m for point in near)

    def cost(point: RoadPoint) -> tuple[float, int]:
        askew = float(turn_between_deg(point.bearing_deg, bearing_deg)) / 90
        return point.distance_m + ASKEW_M * askew, point.edge

    return min((point for point in near if point.distance_m < nearest_m + BESIDE_M), key=cost)


def _counts(
    rows: Iterator[dict[str, str]], numbers: Mapping[str, int], routed: Mapping[tuple[int, int], float]
) -> PairCounts:
    found = []
    for row in rows:
        first, second = numbers[row["from"]], numbers[row["to"]]
        routed_s = float(row["routed_s"] or "nan") if "routed_s" in row else routed.get((first, second), float("nan"))
        found.append((first, second, float(row["mean_s"]), int(row["count"]), int(row.get("hour", -1)), routed_s))
    return PairCounts(*(np.array(column) for column in zip(*found, strict=True)))
