from pathlib import Path

import pytest

from roadgraph.camera import Camera
from roadgraph.camera_files import read_cameras
from roadgraph.errors import RoadError


def test_cameras_from_csv_and_geojson(tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text("id,lat,lon,bearing\nc1,42.5,1.5,90\nc2,42.6,1.6,\n")
    points = tmp_path / "cameras.geojson"
    points.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"c1","bearing":90},'
        '"geometry":{"type":"Point","coordinates":[1.5,42.5]}},{"type":"Feature","id":"c2","properties":{},'
        '"geometry":{"type":"Point","coordinates":[1.6,42.6]}}]}'
    )
    assert read_cameras(table) == read_cameras(points) == [Camera("c1", 42.5, 1.5, 90.0), Camera("c2", 42.6, 1.6)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no camera"),
        ("name;lat\n", "no camera"),
        ("id,lat\nc1,42\n", "no column 'lon'"),
        ("id,lat,lon\nc1,here,1.5\n", "latitude 'here'"),
        ("id,lat,lon\n,42.5,1.5\n", "no id"),
        ("id,lat,lon,bearing\nc1,42.5,1.5,north\n", "bearing 'north'"),
        ("id,lat,lon,bearing\nc1,42.5,1.5,999\n", "bearing 999"),
        ('{"features": [', "not JSON"),
        ('{"features": [{"geometry": {"type": "Point", "coordinates": []}}]}', "longitude, latitude"),
    ],
)
def test_bad_camera_files_say_where_and_what(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "cameras"
    path.write_text(content)
    with pytest.raises(RoadError, match=message):
        read_cameras(path)


def test_a_place_of_four_hundred_digits_is_refused(tmp_path: Path) -> None:
    point = '{"type": "Feature", "id": "x", "geometry": {"type": "Point", "coordinates": [%s, 1]}}' % ("9" * 400)
    (tmp_path / "cameras.geojson").write_text(point)
    with pytest.raises(RoadError, match="has longitude"):
        read_cameras(tmp_path / "cameras.geojson")
