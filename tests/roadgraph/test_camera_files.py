import json
from pathlib import Path

import pytest

from roadgraph.camera import Camera
from roadgraph.camera_files import read_cameras
from roadgraph.errors import RoadError
from roadgraph.geojson import read_geojson
from roadgraph.geojson_area import read_polygons
from roadgraph.geojson_crs import check_degrees


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
        ("id,lat,lon\nc1,48,2,16,3\n", "line 2 has more cells"),
        ('id,lat,lon,note\nc1,48.2,16.3,"5 wide\nc2,48.2,16.3,x\nc3,48.2,16.3,"\n', "line 4 closes a quotation mark"),
        ("id,lat,lon,lat\nc1,48.2,16.3,49\n", "column 'lat' more than once"),
        ('{"features": [', "not JSON"),
        ('{"features": [{"geometry": {"type": "Point", "coordinates": []}}]}', "longitude, latitude"),
        ('{"id": {"a": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}}', "feature 0 has id .* write a name"),
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


def test_other_spellings_of_columns_are_known(tmp_path: Path) -> None:
    """Cameras came in without a place, as if the table had only names."""
    table = tmp_path / "cameras.csv"
    table.write_text("ID, Latitude, lng\nc1,42.5,1.5\n")
    assert read_cameras(table) == [Camera("c1", 42.5, 1.5)]


@pytest.mark.parametrize("name", ["EPSG:31256", "urn:ogc:def:crs:EPSG::3857", ""])
def test_coordinates_that_are_no_degrees_are_refused_everywhere(tmp_path: Path, name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    point = {"type": "Feature", "properties": {"id": "c1"}, "geometry": {"type": "Point", "coordinates": [1.5, 42.5]}}
    path = tmp_path / "cameras.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [point]}))
    ring = [[1.0, 42.0], [2.0, 42.0], [2.0, 43.0], [1.0, 42.0]]
    for read in (
        lambda: read_cameras(path),
        lambda: read_geojson(path, path.read_text()),
        lambda: read_polygons({"type": "Polygon", "crs": crs, "coordinates": [ring]}),
    ):
        with pytest.raises(RoadError, match="export it in degrees"):
            read()


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4258"])
def test_degrees_may_be_named(name: str) -> None:
    check_degrees("a map", {"crs": {"type": "name", "properties": {"name": name}}})
    check_degrees("a map", {"crs": None})
