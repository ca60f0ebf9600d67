from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.simulation.cameras import Spot, equip_stations
from index.simulation.fleet import FleetBlock, populate
from index.simulation.options import PRESETS, CityOptions, preset_named
from index.simulation.town import make_town, write_osm
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.routes import Router

VEHICLES = 300
PROMISED_TWINS = {
    "easy": (0.0, 0.2),
    "normal": (0.17, 0.3),
    "dense-normal": (0.17, 0.3),
    "hard": (0.45, 0.6),
    "foreign": (0.17, 0.3),
}
PROMISED_UNREADABLE = {"easy": 0.03, "normal": 0.3, "dense-normal": 0.3, "hard": 0.6, "foreign": 0.3}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    path: Path = tmp_path_factory.mktemp("town") / "roads.osm"
    write_osm(make_town(6), path)
    return read_roads(path).graph


@pytest.fixture(scope="module")
def cities(graph: RoadGraph) -> dict[str, FleetBlock]:
    made = {}
    for name, preset in PRESETS.items():
        (made[name],) = populate(graph, CityOptions(seed=6, vehicles=VEHICLES, minutes=10, preset=name), preset)
    return made


def _out(block: FleetBlock) -> dict[int, tuple[float, float]]:
    """Return the span in which each vehicle is on the roads."""
    spans: dict[int, tuple[float, float]] = {}
    for trip in block.trips:
        spans[trip.vehicle] = (spans.get(trip.vehicle, (trip.start_s,))[0], trip.end_s)
    return spans


@pytest.mark.parametrize("name", PRESETS)
def test_the_promised_share_has_a_twin_on_the_roads_at_the_same_time(cities: dict[str, FleetBlock], name: str) -> None:
    block, out = cities[name], _out(cities[name])
    alike: dict[tuple[int, str], list[int]] = defaultdict(list)
    for vehicle in out:
        look = block.member(vehicle).body
        alike[look.model.seed, look.colour].append(vehicle)
    with_twin = [
        any(out[a][0] < out[b][1] and out[b][0] < out[a][1] for b in same if b != a)
        for same in alike.values()
        for a in same
    ]
    low, high = PROMISED_TWINS[name]
    assert low <= np.mean(with_twin) <= high


@pytest.mark.parametrize("name", PRESETS)
def test_the_promised_share_of_plates_is_unreadable_or_absent(cities: dict[str, FleetBlock], name: str) -> None:
    hidden = [member.truth.plate_state in ("covered", "absent") for member in cities[name].fleet]
    assert np.mean(hidden) == pytest.approx(PROMISED_UNREADABLE[name], abs=0.06)


def test_plates_are_cloned_in_the_hard_city_only(cities: dict[str, FleetBlock]) -> None:
    for name, block in cities.items():
        plates = [member.truth.plate for member in block.fleet if member.truth.plate is not None]
        assert (len(set(plates)) < len(plates)) == (name == "hard")


def test_the_hard_city_has_more_detours(graph: RoadGraph, cities: dict[str, FleetBlock]) -> None:
    router, shares = Router(graph), {}
    for name in ("easy", "hard"):
        trips = [trip for trip in cities[name].trips if len(trip.edges) > 3][:250]
        best = [router.edges_to(int(t.edges[-1]), int(t.edges[0]), *router.tree(int(t.edges[0]))) for t in trips]
        driven = [_seconds(graph, trip.edges.tolist()) for trip in trips]
        shares[name] = np.mean([d > 1.6 * _seconds(graph, b or ()) for d, b in zip(driven, best, strict=True)])
    assert shares["hard"] > 0.12 > shares["easy"]


def _seconds(graph: RoadGraph, edges: Sequence[int]) -> float:
    return float(graph.usual_s[list(edges[1:])].sum())


def test_people_pause_and_drive_on(cities: dict[str, FleetBlock]) -> None:
    pauses = [
        after.start_s - before.end_s
        for block in cities.values()
        for before, after in zip(block.trips, block.trips[1:], strict=False)
        if before.vehicle == after.vehicle
    ]
    assert np.mean([15 < pause < 240 for pause in pauses]) > 0.5


def test_jams_slow_the_hard_city_down(graph: RoadGraph, cities: dict[str, FleetBlock]) -> None:
    crawling = {}
    for name in ("easy", "hard"):
        trips = cities[name].trips
        edges = np.concatenate([trip.edges[1:-1] for trip in trips])
        seconds = np.concatenate([(trip.exit_s - trip.enter_s)[1:-1] for trip in trips])
        share = graph.edge_length_m[edges] / np.maximum(seconds, 1e-3) / (graph.edge_speed_kmh[edges] / 3.6)
        crawling[name] = np.mean(share < 0.45)
    assert crawling["easy"] < 0.02 < crawling["hard"]


@pytest.mark.parametrize(
    ("name", "clock_s", "down"), [("easy", 0, 0), ("normal", 5, 0), ("dense-normal", 5, 0.25), ("hard", 60, 0.25)]
)
def test_clocks_are_wrong_and_cameras_down_as_promised(name: str, clock_s: float, down: float) -> None:
    spots = [Spot(54.2, 6.6 + 0.001 * i, 90.0) for i in range(200)]
    stations = equip_stations(spots, CityOptions(seed=6, preset=name), preset_named(name))
    clocks = np.abs([station.clock_s for station in stations])
    assert clocks.max() <= clock_s
    assert clocks.max() >= 0.9 * clock_s
    assert np.mean([len(station.recordings) > 1 for station in stations]) == pytest.approx(down, abs=0.1)


def test_light_and_weather_are_what_the_preset_names() -> None:
    spots = [Spot(54.2, 6.6 + 0.001 * i, 90.0) for i in range(60)]
    seen = {
        name: {station.site.weather for station in equip_stations(spots, CityOptions(seed=6, preset=name), preset)}
        for name, preset in PRESETS.items()
    }
    assert seen["easy"] <= {"sun", "cloud", "low sun"}
    assert {"night", "rain"} <= seen["hard"]
    assert len(seen["normal"]) >= 4
    assert seen["foreign"] == {"dust", "snow", "last sun"}
