"""Find or generate the road maps of the road benchmarks, and place cameras on them."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from roadgraph.arrays import Floats
from roadgraph.assembly import RoadSource, Way, assemble
from roadgraph.camera import Camera, PlacedCamera, snap
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.network import ragged
from roadgraph.traffic import TrafficOptions, simulate

STEP_DEG = 0.001
CLASSES = ("secondary", "tertiary", "residential", "residential", "residential")


def extract(name: str) -> Path | None:
    """Return a real extract from the folder RETRACE_MATERIAL, None if it is missing."""
    path = Path(os.environ.get("RETRACE_MATERIAL", "")) / "roads" / name
    return path if path.is_file() else None


def town(seed: int = 0) -> RoadGraph:
    """Return Andorra if its extract is available, else a generated town."""
    path = extract("andorra.osm.pbf")
    return read_roads(path, there_and_back=True).graph if path else made_up_city(40, seed)


def made_up_city(side: int, seed: int, *, forbidden_share: float = 0.02) -> RoadGraph:
    """Return a bent grid of side x side crossings: streets of several classes, one in six one-way, turns forbidden."""
    rng = np.random.default_rng(seed)
    bent = rng.normal(0, STEP_DEG / 6, size=(2, side, side))
    lat = 46.0 + np.arange(side)[:, None] * STEP_DEG + bent[0]
    lon = 8.0 + np.arange(side)[None, :] * STEP_DEG * 1.4 + bent[1]
    number = np.arange(side * side).reshape(side, side)
    ways = []
    for street in range(2 * side):
        line = (street, slice(None)) if street < side else (slice(None), street - side)
        oneway = "yes" if rng.random() < 1 / 6 else "no"
        kind = CLASSES[street % len(CLASSES)]
        forth = slice(None, None, -1 if rng.random() < 0.5 else 1)
        tags = {"highway": kind, "oneway": oneway, "name": f"Street {street}"}
        ways.append(Way(street, number[line][forth], lat[line][forth], lon[line][forth], tags))
    graph = assemble(RoadSource(ways)).graph
    starts, edges = ragged(_forbidden(graph, rng, int(graph.nodes * forbidden_share)))
    return replace(graph, forbidden_start=starts, forbidden_edges=edges)


def _forbidden(graph: RoadGraph, rng: np.random.Generator, count: int) -> list[tuple[int, int]]:
    leaving = np.argsort(graph.edge_from, kind="stable")
    first = np.searchsorted(graph.edge_from[leaving], np.arange(graph.nodes + 1))
    found = set()
    for edge in rng.choice(graph.edges, size=count, replace=False).tolist():
        node = int(graph.edge_to[edge])
        exits = leaving[first[node] : first[node + 1]].tolist()
        if len(exits) > 2:
            found.add((edge, int(rng.choice(exits))))
    return sorted(found)


def cameras_anywhere(graph: RoadGraph, count: int, seed: int) -> list[PlacedCamera]:
    """Return cameras on random edges."""
    rng = np.random.default_rng(seed)
    edges = rng.choice(graph.edges, size=count, replace=False).tolist()
    places = [graph.position(edge, float(graph.edge_length_m[edge]) / 2) for edge in edges]
    bearings = rng.uniform(0, 360, size=count)
    cameras = [Camera(f"c{i:04d}", *place, float(b)) for i, (place, b) in enumerate(zip(places, bearings, strict=True))]
    return snap(graph, cameras)


def cameras_on_busy_roads(graph: RoadGraph, count: int, seed: int, *, apart_m: float = 600.0) -> list[PlacedCamera]:
    """Return cameras where most simulated vehicles pass, at least `apart_m` apart."""
    trips = simulate(graph, TrafficOptions(vehicles=2000, minutes=30, seed=seed))
    passed = np.bincount(np.concatenate([trip.edges for trip in trips]), minlength=graph.edges)
    rng = np.random.default_rng(seed)
    cameras: list[Camera] = []
    taken: list[Floats] = []
    for edge in np.argsort(-passed, kind="stable").tolist():
        place = graph.position(edge, float(graph.edge_length_m[edge]) / 2)
        xy = graph.plane.to_xy(*place)[0]
        if graph.edge_length_m[edge] < 30 or any(np.hypot(*(xy - other)) < apart_m for other in taken):
            continue
        taken.append(xy)
        cameras.append(Camera(f"c{len(cameras):02d}", *place, float(rng.uniform(0, 360))))
        if len(cameras) == count:
            break
    return snap(graph, cameras)
