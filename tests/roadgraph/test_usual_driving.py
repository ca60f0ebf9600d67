from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roadgraph.delay_shape import BUILT_IN
from roadgraph.travel_time import clock_hours
from roadgraph.usual_driving import UsualDriving, usual_driving
from tests.roadgraph.maps import grid


def test_the_numbers_come_back_from_their_file(tmp_path: Path) -> None:
    usual_driving().save(tmp_path / "driving.json")
    assert UsualDriving.load(tmp_path / "driving.json") == usual_driving()


def test_slow_roads_are_driven_slower_than_their_limit_and_fast_ones_at_it() -> None:
    ratio = usual_driving().ratio(np.array([30.0, 50.0, 100.0]))
    assert ratio[0] >= ratio[1] > ratio[2] >= 1.0
    assert usual_driving().ratio(np.array([40.0, 40.1])).tolist() == [ratio[0], ratio[1]]


def test_every_class_of_hours_has_its_delays() -> None:
    hours = usual_driving().hours
    assert set(hours) == {clock_hours(hour) for hour in range(24)}
    assert hours["night"] < hours["day"] < hours["peak"]


def test_junctions_cost_time_but_the_ends_of_driveways_do_not() -> None:
    graph = grid(3, 3)
    slower = replace(usual_driving(), junction_s=usual_driving().junction_s + 10)
    more_s = graph.usual_s_by(slower) - graph.usual_s
    corner = (np.bincount(graph.edge_from) == 2)[graph.edge_to]
    assert more_s[~corner] == pytest.approx(10)
    assert more_s[corner] == pytest.approx(0)


def test_most_drives_are_near_the_usual_time_and_long_stops_are_possible() -> None:
    assert -0.2 < BUILT_IN.quantile(0.5) < 0.8
    assert -1.2 < BUILT_IN.quantile(0.05) < -0.4
    assert 1.5 < BUILT_IN.quantile(0.9) < 3.0
    assert 2.5 < BUILT_IN.quantile(0.97) < 4.0


def test_stored_times_are_of_one_way_of_driving() -> None:
    graph = grid(3, 3)
    assert replace(graph, edge_speed_kmh=graph.edge_speed_kmh / 2).times_fingerprint != graph.times_fingerprint
