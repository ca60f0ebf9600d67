"""Measure how fast roads are read, searched and drawn, each against another way of doing it."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
import shapely

from benchmarks.claim import say
from benchmarks.road_maps import cameras_anywhere, extract, made_up_city, town
from roadgraph.area import RoadArea, polygon, reachable_area
from roadgraph.arrays import Floats
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import camera_times
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.likely_area import likely_area
from roadgraph.origin import Origin
from roadgraph.reachability import ReachOptions, earliest_s, reach
from roadgraph.traffic import TrafficOptions, simulate

SIDE = 317
CAMERAS = 1000
OPTIONS = ReachOptions(horizon_s=1800.0, direction="after")


def say_all() -> None:
    """Print the claims of speed."""
    graph = made_up_city(SIDE, seed=20_001)
    placed = cameras_anywhere(graph, CAMERAS, seed=20_002)
    say_windows(graph, placed)
    district = made_up_city(SIDE // 4, seed=20_005)
    say_matrix(district, cameras_anywhere(district, CAMERAS, seed=20_006))
    say_area(town())
    say_reading()
    say_trips(town())


def say_windows(graph: RoadGraph, placed: list[PlacedCamera]) -> None:
    """Compare the windows of all cameras with networkx on the graph of turns."""
    slow = networkx_of(graph)
    origins = [Origin.around(graph, *graph.position(int(edge), 1.0)) for edge in range(0, 9000, 450)]
    own, network = [], []
    for origin in origins[::3]:
        # Alternate, so that other load on the machine slows both alike.
        own.append(cpu_ms(partial(_windows, graph, placed, origin), 5))
        network.append(cpu_ms(partial(_networkx_windows, graph, slow, placed, origin), 1))
    same = all(_same_windows(graph, slow, placed, origin) for origin in origins[1::6])
    what = f"windows of {CAMERAS} cameras from a fresh point, {graph.nodes} junctions, turns forbidden, 30 min"
    say(what, value=float(np.median(own)), unit="ms CPU", peer="allowed", peer_value=20.0, less_is_better=True,
        correct=same)  # fmt: skip
    ratio = float(np.median(np.array(network) / np.array(own)))
    say(f"{what}: how much faster than networkx's Dijkstra, same answer", value=ratio, unit="times", peer="wanted",
        peer_value=25.0, less_is_better=False, correct=same)  # fmt: skip


def _windows(graph: RoadGraph, placed: list[PlacedCamera], origin: Origin, _number: int) -> object:
    return earliest_s(graph, placed, origin, OPTIONS)


def _networkx_windows(
    graph: RoadGraph, slow: "nx.DiGraph[int]", placed: list[PlacedCamera], origin: Origin, _number: int
) -> object:
    return networkx_earliest(graph, slow, placed, origin)


def _same_windows(graph: RoadGraph, slow: "nx.DiGraph[int]", placed: list[PlacedCamera], origin: Origin) -> bool:
    fast_s = earliest_s(graph, placed, origin, OPTIONS)
    slow_s = networkx_earliest(graph, slow, placed, origin) / OPTIONS.slack
    within = slow_s <= OPTIONS.horizon_s
    # Only windows within the horizon count: beyond it either may stop early.
    return bool(np.allclose(fast_s[within], slow_s[within], atol=1e-3) and (fast_s[~within] > OPTIONS.horizon_s).all())


def say_matrix(graph: RoadGraph, placed: list[PlacedCamera]) -> None:
    """Compare windows looked up in the matrix with those searched on the graph."""
    times = camera_times(graph, placed)
    ids = times.ids
    own_ms = cpu_ms(lambda i: reach(graph, placed, ids[i % len(ids)], OPTIONS), 5)
    first = ids[7]
    matrix_ms = cpu_ms(lambda i: reach(graph, placed, ids[i % len(ids)], OPTIONS, times=times), 50)
    found = {one.camera: one.earliest_s for one in reach(graph, placed, first, OPTIONS, times=times).cameras}
    again = {one.camera: one.earliest_s for one in reach(graph, placed, first, OPTIONS).cameras}
    agree = found.keys() == again.keys() and all(abs(found[c] - again[c]) < 1e-2 for c in found)
    what = f"windows, km and likely latest of {len(found)} of {CAMERAS} cameras, by the matrix"
    say(what, value=matrix_ms, unit="ms CPU", peer="the same by three searches", peer_value=own_ms, less_is_better=True,
        correct=agree and matrix_ms < 1)  # fmt: skip


def networkx_of(graph: RoadGraph) -> "nx.DiGraph[int]":
    """Return the states and arcs of the network for networkx."""
    turns = graph.turns
    weight = np.where(turns.arc_edge >= 0, graph.edge_s[turns.arc_edge], 0.0)
    slow: nx.DiGraph[int] = nx.DiGraph()
    for start, end, seconds in zip(turns.arc_from.tolist(), turns.arc_to.tolist(), weight.tolist(), strict=True):
        if not slow.has_edge(start, end) or slow[start][end]["s"] > seconds:
            slow.add_edge(start, end, s=seconds)
    return slow


def networkx_earliest(graph: RoadGraph, slow: "nx.DiGraph[int]", placed: list[PlacedCamera], origin: Origin) -> Floats:
    """Return the free-flow seconds to each camera by networkx."""
    turns = graph.turns
    starts = {int(turns.exit[edge]): 0.0 for edge in origin.edge}
    left = {
        int(turns.exit[edge]): float(graph.edge_s[edge] * (1 - along / graph.edge_length_m[edge]))
        for edge, along in zip(origin.edge, origin.to_m, strict=True)
    }
    slow.add_weighted_edges_from([(-1, state, left[state]) for state in starts], weight="s")
    limit = OPTIONS.horizon_s * OPTIONS.slack
    found = nx.single_source_dijkstra_path_length(slow, -1, cutoff=limit, weight="s")
    slow.remove_node(-1)
    seconds = np.full(turns.states, np.inf)
    seconds[[state for state in found if state >= 0]] = [s for state, s in found.items() if state >= 0]
    entered = turns.to_edges(seconds)
    mps = graph.edge_length_m / graph.edge_s
    views = [[entered[view.edge] + view.along_m / mps[view.edge] for view in one.views] for one in placed]
    return np.array([min(of_camera) for of_camera in views])


def say_area(graph: RoadGraph) -> None:
    """Compare the area polygon after ten minutes with the union of a buffer around every road."""
    edges = np.random.default_rng(20_003).choice(graph.edges, size=20).tolist()
    middles = [graph.edge_length_m[[edge]] / 2 for edge in edges]
    origins = [Origin(np.array([e], dtype=np.int32), m, m, way_known=True) for e, m in zip(edges, middles, strict=True)]
    for name, make in (("reachable", _reachable), ("likely", _likely)):
        areas = [make(graph, origin) for origin in origins]
        own_ms = cpu_ms(partial(_draw, graph, make, origins), 20)
        slow_ms = cpu_ms(partial(_draw_slowly, graph, areas), 3)
        say(f"area polygon, {name}, 10 min, {graph.km:.0f} km of road", value=own_ms, unit="ms CPU",
            peer="shapely buffer of every road, union", peer_value=slow_ms, less_is_better=True,
            correct=own_ms < 50)  # fmt: skip


def _reachable(graph: RoadGraph, origin: Origin) -> RoadArea:
    return reachable_area(graph, origin, 600.0, slack=1.3)


def _likely(graph: RoadGraph, origin: Origin) -> RoadArea:
    return likely_area(graph, origin, 600.0)


def _draw(graph: RoadGraph, make: Callable[[RoadGraph, Origin], RoadArea], origins: list[Origin], i: int) -> object:
    return polygon(graph, make(graph, origins[i % len(origins)]))


def _draw_slowly(graph: RoadGraph, areas: list[RoadArea], i: int) -> object:
    edges = areas[i % len(areas)].edge.tolist()
    return shapely.union_all([shapely.LineString(graph.edge_xy(edge)).buffer(30) for edge in edges])


def say_reading() -> None:
    """Compare reading a network from OpenStreetMap with loading its own file."""
    path = extract("andorra.osm.pbf")
    if path is None:
        return
    import_s = _timed(lambda: read_roads(path))
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "roads.npz"
        read_roads(path).graph.save(stored)
        load_s = min(_timed(lambda: RoadGraph.load(stored)) for _ in range(5))
        same = RoadGraph.load(stored).fingerprint == read_roads(path).graph.fingerprint
    say("Andorra from PBF", value=import_s, unit="s", peer="allowed", peer_value=5.0, less_is_better=True,
        correct=import_s < 5)  # fmt: skip
    say("Andorra from the archive", value=load_s, unit="s", peer="from PBF", peer_value=import_s, less_is_better=True,
        correct=same and load_s < 0.1)  # fmt: skip


def say_trips(graph: RoadGraph) -> None:
    """Count simulated trips per minute of processor time."""
    options = TrafficOptions(vehicles=20_000, minutes=30, seed=20_004)
    began = time.process_time()
    trips = simulate(graph, options)
    a_minute = 60 * len(trips) / (time.process_time() - began)
    again = simulate(graph, options)
    same = len(trips) == len(again) and bool(np.array_equal(trips[-1].enter_s, again[-1].enter_s))
    say(f"simulated trips a minute, {graph.nodes} junctions, the same again from its seed", value=a_minute,
        unit="trips/min CPU", peer="wanted", peer_value=100_000, less_is_better=False,
        correct=same and a_minute > 100_000)  # fmt: skip


def cpu_ms(action: Callable[[int], object], times: int) -> float:
    """Return the median processor milliseconds of an action, because the machine may be shared."""
    action(0)
    taken = []
    for number in range(1, times + 1):
        began = time.process_time()
        action(number)
        taken.append(time.process_time() - began)
    return 1000 * float(np.median(taken))


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
