import csv
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation import truth
from index.simulation.city import START, make_city, new_city_folder
from index.simulation.options import CityOptions
from index.simulation.truth import (
    FootageRow,
    TrueBox,
    TrueClock,
    TruePassage,
    TruePosition,
    TrueVehicle,
)
from reid.video.timeline import read_timeline
from roadgraph.errors import RoadError

TINY = CityOptions(seed=4, cameras=2, vehicles=40, minutes=0.4, fps=6, width=320, height=180)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cities") / "city"
    made = make_city(folder, TINY)
    assert made.cameras == 2
    assert made.passages >= 2
    return folder


def test_the_folder_is_as_the_contract_has_it(city: Path) -> None:
    headers = {
        "footage.csv": "path,camera,start",
        "truth/vehicles.csv": "vehicle,model,type,colour,plate",
        "truth/boxes.csv": "video,frame,time,vehicle,x,y,w,h,visible",
        "truth/passages.csv": "passage,vehicle,camera,first,last,height_px,plate_height_px,heading",
        "truth/positions.csv": "vehicle,time,lat,lon",
        "truth/clocks.csv": "camera,offset_s",
    }
    assert len(list(city.glob("roads.*"))) == 1
    assert (city / "cameras.geojson").is_file()
    for name, columns in headers.items():
        with (city / name).open() as file:
            assert next(csv.reader(file))[: len(columns.split(","))] == columns.split(",")


def test_boxes_lie_inside_the_frames(city: Path) -> None:
    boxes = truth.read(city, TrueBox)
    assert boxes
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.w > 0
        assert box.h > 0
        assert box.x + box.w <= TINY.width
        assert box.y + box.h <= TINY.height
        assert 0 <= box.visible <= 1


def test_box_times_agree_with_the_frames_of_the_videos(city: Path) -> None:
    clocks = {clock.camera: clock.offset_s for clock in truth.read(city, TrueClock)}
    boxes = truth.read(city, TrueBox)
    for row in truth.read(city, FootageRow):
        timeline = read_timeline(city / row.path)
        assert 0.95 * TINY.frames <= timeline.frames <= TINY.frames
        for box in (box for box in boxes if box.video == row.path):
            shown = row.start - timedelta(seconds=clocks[row.camera]) + timedelta(seconds=timeline.times_s[box.frame])
            assert abs((box.time - shown).total_seconds()) < 0.5 / TINY.fps


def test_passages_agree_with_boxes(city: Path) -> None:
    camera_of = {row.path: row.camera for row in truth.read(city, FootageRow)}
    boxes = [box for box in truth.read(city, TrueBox) if not box.vehicle.startswith(truth.SCENERY)]
    passages = truth.read(city, TruePassage)
    for box in boxes:
        mine = [p for p in passages if p.vehicle == box.vehicle and p.camera == camera_of[box.video]]
        assert sum(p.first <= box.time <= p.last for p in mine) == 1
    for passage in passages:
        own = [box.time for box in boxes if box.vehicle == passage.vehicle and camera_of[box.video] == passage.camera]
        assert passage.first in own
        assert passage.last in own


def test_vehicles_move_smoothly_through_the_picture(city: Path) -> None:
    by_passage: dict[tuple[str, str], list[TrueBox]] = {}
    for box in truth.read(city, TrueBox):
        if not box.vehicle.startswith(truth.SCENERY):
            by_passage.setdefault((box.video, box.vehicle), []).append(box)
    for boxes in by_passage.values():
        for before, after in pairwise(boxes):
            if after.frame == before.frame + 1:
                assert abs(after.x + after.w / 2 - before.x - before.w / 2) < 0.4 * TINY.width


def test_positions_are_where_the_cameras_are_when_vehicles_pass(city: Path) -> None:
    places = {
        feature["properties"]["id"]: feature["geometry"]["coordinates"][::-1]
        for feature in json.loads((city / "cameras.geojson").read_text())["features"]
    }
    positions: dict[str, list[TruePosition]] = {}
    for position in truth.read(city, TruePosition):
        positions.setdefault(position.vehicle, []).append(position)
    for passage in truth.read(city, TruePassage):
        lat, lon = places[passage.camera]
        near = min(
            np.hypot((p.lat - lat) * 111_195, (p.lon - lon) * 111_195 * np.cos(np.radians(lat)))
            for p in positions[passage.vehicle]
            if passage.first - timedelta(seconds=3) <= p.time <= passage.last + timedelta(seconds=3)
        )
        assert near < 120


def test_every_vehicle_of_the_footage_is_described(city: Path) -> None:
    described = {vehicle.vehicle for vehicle in truth.read(city, TrueVehicle)}
    assert {passage.vehicle for passage in truth.read(city, TruePassage)} <= described
    assert len(described) == TINY.vehicles


def test_true_times_begin_with_the_period(city: Path) -> None:
    assert min(position.time for position in truth.read(city, TruePosition)) == START


def test_the_same_seed_gives_the_same_bytes(city: Path, tmp_path: Path) -> None:
    make_city(tmp_path / "again", TINY)
    names = sorted(str(path.relative_to(city)) for path in city.rglob("*") if path.is_file())
    assert [_sha256(tmp_path / "again" / name) for name in names] == [_sha256(city / name) for name in names]


def test_a_city_is_never_written_over_another(city: Path) -> None:
    with pytest.raises(ArchiveError, match=r"holds roads\.osm already"):
        make_city(city, TINY)


def test_a_city_that_another_process_is_making_is_left_alone(tmp_path: Path) -> None:
    """As by two clicks on the page's demo: the second removed what the first had made."""
    with new_city_folder(tmp_path):
        (tmp_path / "roads.osm").touch()
        with pytest.raises(ArchiveError, match="another process is making a city"), new_city_folder(tmp_path):
            pass
        assert (tmp_path / "roads.osm").exists()


def test_an_unfinished_city_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "map.osm").write_text("not a map")
    with pytest.raises(RoadError):
        make_city(tmp_path / "city", replace(TINY, roads=tmp_path / "map.osm"))
    made = make_city(tmp_path / "city", replace(TINY, cameras=1, minutes=0.05))
    assert made.cameras == 1
    assert [path.name for path in (tmp_path / "city").glob("roads.*")] == ["roads.osm"]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
