import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation.cameras import APART_M, Recording, Spot, cameras_geojson, choose_spots, equip_stations
from index.simulation.options import PRESETS, CityOptions
from index.simulation.town import make_town, write_osm
from index.simulation.truth import TrueMiss
from roadgraph.camera import snap
from roadgraph.geometry import distance_m
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import passages
from roadgraph.traffic import TrafficOptions, Trip, simulate

PERIOD_S = (0.0, 600.0)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoadGraph, list[Trip]]:
    path: Path = tmp_path_factory.mktemp("town") / "roads.osm"
    write_osm(make_town(2), path)
    graph = read_roads(path).graph
    return graph, simulate(graph, TrafficOptions(vehicles=60, minutes=10, seed=2))


def test_cameras_see_more_than_at_random_places(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    driven = np.concatenate([graph.road_of_edge[trip.edges] for trip in trips])
    a_road = len(driven) / len(np.unique(graph.road_of_edge))
    assert _passages(graph, trips, 1) > 3 * 4 * a_road


def test_cameras_stand_apart(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    for a, b in combinations(choose_spots(graph, trips, PERIOD_S, 6, 1), 2):
        assert distance_m(a.lat, a.lon, b.lat, b.lon) > APART_M - 1


def test_both_directions_are_seen_at_the_heading_asked_for(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    for spot in choose_spots(graph, trips, PERIOD_S, 4, 1):
        (placed,) = snap(graph, [spot.camera("c", 25.0)])
        headings = sorted(view.heading_deg for view in placed.views if view.heading_deg is not None)
        assert min(abs(heading - 25) for heading in headings) < 12


def test_more_cameras_than_roads_are_refused(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    with pytest.raises(ArchiveError, match="ask for fewer"):
        choose_spots(graph, trips, PERIOD_S, 100_000, 1)


START = datetime(2026, 5, 4, 8, tzinfo=UTC)
SPOTS = [Spot(54.2, 6.6, 90.0), Spot(54.21, 6.61, 200.0), Spot(54.19, 6.6, 0.0)]
OPTIONS = CityOptions(seed=3, minutes=1, fps=10)


def test_a_camera_looks_at_its_spot() -> None:
    for spot, station in zip(SPOTS, equip_stations(SPOTS, OPTIONS, PRESETS["normal"]), strict=True):
        camera = station.camera
        assert camera.bearing_deg is not None
        north_m = (spot.lat - camera.lat) * 111_195
        east_m = (spot.lon - camera.lon) * 111_195 * np.cos(np.radians(spot.lat))
        towards_deg = np.degrees(np.arctan2(east_m, north_m))
        assert abs((towards_deg - camera.bearing_deg + 180) % 360 - 180) < 1
        assert np.hypot(north_m, east_m) == pytest.approx(8, abs=0.1)
        turned_deg = spot.road_bearing_deg - camera.bearing_deg - station.site.heading_deg
        assert (turned_deg + 180) % 360 - 180 == pytest.approx(0, abs=0.1)


def test_clocks_are_wrong_as_far_as_the_preset_says() -> None:
    spots = SPOTS * 30
    assert {station.clock_s for station in equip_stations(spots, OPTIONS, PRESETS["easy"])} == {0.0}
    errors = np.array([station.clock_s for station in equip_stations(spots, OPTIONS, PRESETS["hard"])])
    assert 40 < np.abs(errors).max() <= 60


def test_footage_starts_on_the_cameras_own_clock() -> None:
    station = replace(equip_stations(SPOTS, OPTIONS, PRESETS["normal"])[0], clock_s=-2.5)
    (row,) = station.footage(START)
    assert (row.camera, row.path) == ("cam01", "cam01.mp4")
    assert row.start == START - timedelta(seconds=2.5)


def test_a_camera_that_is_down_for_a_while_leaves_two_videos_and_a_gap() -> None:
    preset = replace(PRESETS["easy"], outage_share=1.0)
    before, after = equip_stations(SPOTS, OPTIONS, preset)[0].footage(START)
    assert (before.path, after.path) == ("cam01-a.mp4", "cam01-b.mp4")
    first, second = equip_stations(SPOTS, OPTIONS, preset)[0].recordings
    assert second.from_s - first.frames / OPTIONS.fps == pytest.approx(12.0)
    assert second.from_s * OPTIONS.fps + second.frames == OPTIONS.frames


def test_who_passes_while_a_camera_is_down_is_missed_and_nobody_outside_the_period() -> None:
    station = equip_stations(SPOTS, OPTIONS, replace(PRESETS["easy"], outage_share=1.0))[0]
    missed = [station.miss("v0001", at_s, OPTIONS, START) for at_s in (-1.0, 20.0, 30.0, 40.0, OPTIONS.period_s + 1)]
    assert missed == [None, None, TrueMiss("v0001", "cam01", START + timedelta(seconds=30)), None, None]


def test_cameras_are_written_as_points_with_id_and_bearing() -> None:
    stations = equip_stations(SPOTS, OPTIONS, PRESETS["normal"])
    features = json.loads(cameras_geojson(stations))["features"]
    assert [feature["properties"]["id"] for feature in features] == ["cam01", "cam02", "cam03"]
    assert features[0]["geometry"]["coordinates"] == [stations[0].camera.lon, stations[0].camera.lat]
    assert features[0]["properties"]["bearing"] == stations[0].camera.bearing_deg


def test_overview_and_plate_cameras_take_turns() -> None:
    assert [station.site.kind for station in equip_stations(SPOTS, OPTIONS, PRESETS["easy"])] == [
        "overview",
        "plate",
        "overview",
    ]


def test_frames_come_early_or_late_and_some_are_lost() -> None:
    recording = Recording("cam01.mp4", 12.0, 2000, wander_s=0.01, dropped_share=0.02)
    times_s = recording.frame_times_s(12.0, seed=5)
    nearest = np.round((times_s - 12.0) * 12.0)
    late_s = times_s - 12.0 - nearest / 12.0
    assert times_s[0] == 12.0
    assert (np.diff(times_s) > 0).all()
    assert late_s.std() == pytest.approx(0.01, rel=0.1)
    assert np.abs(late_s).max() * 12.0 <= 0.401
    assert 1 - len(times_s) / 2000 == pytest.approx(0.02, abs=0.01)
    assert len(set(nearest.tolist())) == len(nearest)
    assert (times_s == recording.frame_times_s(12.0, seed=5)).all()


def test_a_recording_without_faults_has_even_times() -> None:
    times_s = Recording("cam01.mp4", 3.0, 40).frame_times_s(8.0, seed=1)
    assert times_s == pytest.approx(3.0 + np.arange(40) / 8.0)


def test_frames_of_harder_presets_are_less_even() -> None:
    wander = [
        equip_stations(SPOTS, OPTIONS, PRESETS[name])[0].recordings[0].wander_s for name in ("easy", "normal", "hard")
    ]
    assert wander == sorted(set(wander))


def _passages(graph: RoadGraph, trips: list[Trip], seed: int) -> int:
    spots = choose_spots(graph, trips, PERIOD_S, 4, seed)
    placed = snap(graph, [spot.camera(f"c{i}", 10.0) for i, spot in enumerate(spots)])
    return len(passages(graph, trips, placed))
