from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.map.places import current_places, place_book
from index.simulation import truth
from index.simulation.city import START, plan_city, write_plan, write_roads
from index.simulation.fleet import FleetVehicle, make_fleet
from index.simulation.options import PRESETS, CityOptions
from index.simulation.synthetic import passings
from index.simulation.synthetic.passings import Roster, Spool, passing_rows, simulate_passings
from index.simulation.truth import TrueMiss, TruePosition
from index.store.archive import Archive
from roadgraph.camera import Camera
from roadgraph.geometry import distance_m
from roadgraph.imports import read_roads


def test_passings_come_back_in_order_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passings, "SLICE_ROWS", 50)
    rng = np.random.default_rng(2)
    put = [(float(rng.integers(600)), int(rng.integers(900)), int(rng.integers(7)), bool(i % 2)) for i in range(1000)]
    kept = Spool(tmp_path, 600.0, expected=1000)
    for part in (put[:300], put[300:310], put[310:]):
        kept.add(passing_rows(part))
    slices = list(kept.in_order())
    assert len(slices) == 20
    assert max(len(rows) for _, rows in slices) < 120
    back = [tuple(row) for _, rows in slices for row in rows.tolist()]
    assert [(row[0], row[2], row[1]) for row in back] == sorted((row[0], row[2], row[1]) for row in put)
    assert sorted(back) == sorted(put)
    for (from_s, to_s), rows in slices:
        assert ((rows["at_s"] >= from_s) & (rows["at_s"] < to_s)).all()


def test_no_passings_give_an_empty_slice(tmp_path: Path) -> None:
    assert [len(rows) for _, rows in Spool(tmp_path, 60.0, expected=0).in_order()] == [0]


def test_the_roster_returns_the_traits_of_every_vehicle(tmp_path: Path) -> None:
    roster = Roster(tmp_path / "roster", 90)
    fleet: list[FleetVehicle] = []
    for block in make_fleet(3, 90, PRESETS["hard"], at_once=40):
        roster.add(len(fleet), block)
        fleet += block
    for number, member in enumerate(fleet):
        traits = roster.traits(number)
        assert traits.name == member.name
        assert (traits.type, traits.colour, traits.own) == (member.body.type, member.body.colour, member.body.seed)
        assert (traits.plate, traits.plate_state) == (member.body.plate.text, member.body.plate.state)
        assert (traits.kind == roster.traits(0).kind) == (
            (member.body.model.seed, member.body.colour) == (fleet[0].body.model.seed, fleet[0].body.colour)
        )


def test_vehicles_pass_where_they_are_though_the_archive_keeps_more_roads(tmp_path: Path) -> None:
    options = CityOptions(seed=22, cameras=6, vehicles=60, minutes=4.0)
    archive = Archive.create(tmp_path / "archive")
    traffic = simulate_passings(tmp_path, tmp_path, options, archive, at_once=100, progress=lambda line: None)
    driven, kept = read_roads(tmp_path / "roads.osm", there_and_back=True).graph, current_places(archive).graph
    assert kept is not None
    assert kept.edges > driven.edges
    where: dict[str, list[TruePosition]] = defaultdict(list)
    for position in truth.read(tmp_path, TruePosition):
        where[position.vehicle].append(position)
    rows = [row for _, part in traffic.spool.in_order() for row in part.tolist()]
    assert len(rows) > 20
    for at_s, vehicle, number, _ in rows:
        camera, own = traffic.stations[number].station.camera, where[traffic.roster.traits(vehicle).name]
        nearest = min(own, key=lambda position: abs((position.time - START).total_seconds() - at_s))
        assert distance_m(camera.lat, camera.lon, nearest.lat, nearest.lon) < 50


@pytest.mark.parametrize("placed", [True, False])
def test_no_camera_of_an_archive_is_moved_by_a_made_city(tmp_path: Path, placed: bool) -> None:
    """Made without --archive where one's own archive is called `archive`: its cam01 stood elsewhere from then on."""
    book = place_book(archive := Archive.create(tmp_path / "archive"))
    if placed:
        book.import_cameras([Camera("cam01", 48.2, 16.37)])
    else:
        book.add_cameras(["cam01"])
    options = CityOptions(seed=22, cameras=2, vehicles=5, minutes=1.0)
    with pytest.raises(ArchiveError, match="camera 'cam01' of its own"):
        simulate_passings(tmp_path, tmp_path, options, archive, at_once=100, progress=lambda line: None)
    assert [(camera.lat, camera.lon) for camera in book.cameras()] == ([(48.2, 16.37)] if placed else [])
    assert not book.roads_path.exists()


def test_the_cameras_of_the_same_city_are_no_others(tmp_path: Path) -> None:
    archive, options = Archive.create(tmp_path / "archive"), CityOptions(seed=22, cameras=2, vehicles=5, minutes=1.0)
    for _ in range(2):
        simulate_passings(tmp_path, tmp_path, options, archive, at_once=100, progress=lambda line: None)


def test_who_passes_a_camera_that_is_down_is_told_as_missed_with_video_and_without(tmp_path: Path) -> None:
    options = CityOptions(seed=22, cameras=6, vehicles=120, minutes=4.0, preset="dense-normal")
    (tmp_path / "filmed").mkdir()
    roads = write_roads(tmp_path / "filmed", options)
    plan = plan_city(read_roads(roads, there_and_back=True).graph, options, tmp_path / "filmed", START)
    write_plan(tmp_path / "filmed", options, plan)
    archive = Archive.create(tmp_path / "archive")
    simulate_passings(tmp_path, tmp_path, options, archive, at_once=200, progress=lambda line: None)
    down = {station.camera.id for station in plan.stations if len(station.recordings) > 1}
    for city in (tmp_path / "filmed", tmp_path):
        missed = truth.read(city, TrueMiss)
        assert {one.camera for one in missed} == down
        assert all(96 <= (one.time - START).total_seconds() < 144 for one in missed)
