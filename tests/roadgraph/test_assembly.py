from dataclasses import replace

import numpy as np
import pytest

from roadgraph.assembly import Place, RoadSource, assemble
from roadgraph.errors import RoadError
from roadgraph.network import FERRY_WAIT_S, PLACE_KINDS
from roadgraph.tags import TagOptions
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid, grid_ways, node_at, way


def test_streets_are_cut_at_crossings_and_driven_both_ways() -> None:
    graph = grid(3, 4)
    assert graph.nodes == 12
    assert graph.edges == 2 * (3 * 3 + 2 * 4)
    edge = edge_between(graph, (1, 1), (1, 2))
    assert graph.edge_reverse[edge] == edge_between(graph, (1, 2), (1, 1))
    assert graph.name(edge) == "Row 1"
    assert graph.km == pytest.approx(graph.edge_length_m.sum() / 2000)


def test_scraps_are_dropped_and_their_km_reported_and_roads_out_of_the_frame_are_kept() -> None:
    scrap = way(900, [(50, 50), (50, 51)])
    car_park = way(902, [(70, column) for column in range(20)], highway="service")
    out = way(901, [(0, 0), (-1, 0)], oneway="yes")
    whole = assemble(RoadSource([*grid_ways(5, 5), scrap, car_park, out]))
    assert whole.graph.nodes == 26
    assert whole.pieces == 1
    assert whole.dropped_km == pytest.approx(0.0820 + 19 * 0.0820, rel=0.01)


def test_a_town_that_the_frame_cuts_off_is_kept_as_a_piece_without_a_way() -> None:
    town = [way(900 + row, [(50 + row, 50 + column) for column in range(9)]) for row in range(2)]
    whole = assemble(RoadSource([*grid_ways(3, 3), *town, way(950, [(50, 50), (51, 50)])]))
    assert whole.pieces == 2
    assert whole.dropped_km == pytest.approx(0.0, abs=1e-9)
    pieces = whole.graph.piece_of_edge
    assert pieces[edge_between(whole.graph, (0, 0), (0, 1))] != pieces[edge_between(whole.graph, (50, 50), (50, 58))]


def test_a_ferry_takes_as_long_as_it_says_and_is_waited_for() -> None:
    ferry = way(900, [(0, 0), (0, 9)], highway="", route="ferry", motor_vehicle="yes", duration="00:10")
    far = [way(901, [(0, 9), (0, 10)]), way(902, [(0, 10), (1, 10)])]
    source = RoadSource([*grid_ways(3, 3), ferry, *far])
    graph = assemble(source).graph
    edge = edge_between(graph, (0, 0), (0, 9))
    assert graph.edge_s[edge] == pytest.approx(600, rel=1e-3)
    assert graph.usual_s[edge] >= 600 + FERRY_WAIT_S
    beside = graph.plane.to_xy(*graph.position(edge, float(graph.edge_length_m[edge]) / 2))[0]
    assert graph.index.nearest(beside)[0].edge not in (edge, int(graph.edge_reverse[edge]))
    assert assemble(source, TagOptions(ferries=False)).graph.edges == assemble(RoadSource(grid_ways(3, 3))).graph.edges


def test_a_way_given_twice_counts_once() -> None:
    ways = grid_ways(3, 3)
    assert assemble(RoadSource([*ways, ways[0]])).graph.edges == assemble(RoadSource(ways)).graph.edges


def test_self_loops_and_zero_length_edges_do_no_harm() -> None:
    here = replace_place(way(902, [(0, 0), (9, 9)]), LAT0, LON0)
    loop = way(903, [(1, 1), (1, 7), (7, 7), (1, 1)])
    back = way(904, [(9, 9), (0, 0)])
    graph = assemble(RoadSource([*grid_ways(3, 3), here, loop, back])).graph
    assert (graph.edge_length_m > 0).all()
    assert ((graph.edge_from == graph.edge_to) & (graph.edge_length_m > 100)).sum() == 2
    assert np.isfinite(graph.edge_s).all()


def replace_place(line, lat: float, lon: float):
    return replace(line, lat=np.full(len(line.nodes), lat), lon=np.full(len(line.nodes), lon))


def test_only_one_way_roads_are_refused() -> None:
    with pytest.raises(RoadError, match="one-way"):
        assemble(RoadSource([way(1, [(0, 0), (0, 1)], oneway="yes")]))


def test_no_road_is_refused() -> None:
    with pytest.raises(RoadError, match="highway"):
        assemble(RoadSource([way(1, [(0, 0), (0, 1)], highway="footway")]))


def test_swapped_coordinates_are_reported_as_swapped() -> None:
    line = way(1, [(0, 0), (0, 1)])
    swapped = replace(line, lat=np.array([135.1, 135.2]), lon=np.array([34.5, 34.6]))
    with pytest.raises(RoadError, match="swapped"):
        assemble(RoadSource([swapped]))


def test_roads_without_speeds_have_those_of_their_class() -> None:
    graph = assemble(RoadSource([way(1, [(0, 0), (0, 1)]), way(2, [(0, 1), (0, 2)], highway="living_street")])).graph
    fast, slow = edge_between(graph, (0, 0), (0, 1)), edge_between(graph, (0, 1), (0, 2))
    assert graph.edge_speed_kmh[fast] == 50
    assert graph.edge_speed_kmh[slow] == 15


def test_traffic_lights_count_on_the_way_to_them() -> None:
    lit = 1002
    graph = assemble(RoadSource(grid_ways(3, 3), signals=frozenset({lit}))).graph
    assert graph.edge_signals[edge_between(graph, (0, 1), (1, 1))] == 1
    assert graph.edge_signals[edge_between(graph, (1, 1), (0, 1))] == 0


def test_places_are_put_on_the_nearest_edge_within_reach() -> None:
    near = Place("parking", LAT0 + STEP / 10, LON0 + STEP / 2)
    far = Place("shop", LAT0 - 1, LON0)
    graph = assemble(RoadSource(grid_ways(3, 3), places=[near, far])).graph
    assert graph.place_kind.tolist() == [PLACE_KINDS.index("parking")]
    ends = {int(graph.edge_from[graph.place_edge[0]]), int(graph.edge_to[graph.place_edge[0]])}
    assert ends == {node_at(graph, 0, 0), node_at(graph, 0, 1)}


def test_trips_need_roads_to_drive_there_and_back() -> None:
    out_of_the_frame = way(903, [(2, 2), (2, 9)], oneway="yes")
    source = RoadSource([*grid_ways(3, 3), out_of_the_frame])
    grid = assemble(RoadSource(grid_ways(3, 3))).graph
    assert assemble(source).graph.edges == grid.edges + 1
    assert assemble(source, there_and_back=True).graph.fingerprint == grid.fingerprint
