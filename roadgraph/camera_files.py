"""Read where cameras stand from GeoJSON points or a CSV table."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from roadgraph.camera import Camera, check_camera
from roadgraph.errors import RoadError
from roadgraph.geojson_crs import check_degrees

BEARING_NAMES = ("bearing", "bearing_deg", "direction", "camera:direction", "heading")
ID_NAMES = ("id", "camera", "name", "ref")
EXAMPLE = "id,lat,lon,bearing"
LONG_NAMES = {"latitude": "lat", "longitude": "lon", "lng": "lon", "long": "lon"}


def read_cameras(path: Path) -> list[Camera]:
    """Return the cameras of a file that have a place, in its order; each of them is checked."""
    text = _text(path)
    is_json = _is_json(text)
    cameras = _from_geojson(path, text) if is_json else _from_csv(path, text)
    if not cameras and (is_json or not read_names(path)):
        raise RoadError(f"{path} has no camera in it: give GeoJSON points, or CSV with the columns {EXAMPLE}")
    for camera in cameras:
        check_camera(camera)
    _check_once(path, [camera.id for camera in cameras] + read_names(path))
    return cameras


def read_names(path: Path) -> list[str]:
    """Return the cameras of a CSV table of which only the name is known: their latitude and longitude are empty."""
    text = _text(path)
    if _is_json(text):
        return []
    return [_id(where, row) for where, row in _rows(path, text) if not _has_place(row)]


def feature_id(where: str, feature: Mapping[str, Any]) -> str:
    """Return the name of the camera that a GeoJSON feature is about."""
    properties = feature.get("properties")
    return _id(where, {"id": feature.get("id")} | (dict(properties) if isinstance(properties, Mapping) else {}))


def _check_once(path: Path, ids: Sequence[str]) -> None:
    """Refuse a camera that comes twice: one of its places would be lost."""
    twice = next((id_ for id_, number in Counter(ids).items() if number > 1), None)
    if twice is not None:
        raise RoadError(
            f"{path} has camera {twice!r} {ids.count(twice)} times: give each camera one place and its own id"
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RoadError(f"{path} is not text: give GeoJSON points, or CSV with the columns {EXAMPLE}") from error


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _from_csv(path: Path, text: str) -> list[Camera]:
    rows = [(where, row) for where, row in _rows(path, text) if _has_place(row)]
    return [_camera(where, row, row.get("lat"), row.get("lon")) for where, row in rows]


def _rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a table, each with where it is; without columns for places all cameras are names alone."""
    try:
        table = csv.DictReader(io.StringIO(text), strict=True)
        names = [_column(name) for name in table.fieldnames or ()]
        table.fieldnames = names
        rows = [(f"{path} line {table.line_num}", row) for row in table]
    except csv.Error as error:
        raise RoadError(f"{path} is not a CSV table ({error}): its first line should be {EXAMPLE}") from error
    if rows:
        _check_columns(path, names)
    for where, row in rows:
        _check_cells(where, row)
    return rows


def _column(name: str) -> str:
    """Return the name of a column as it is asked for: other programs write Latitude, or lng."""
    plain = name.strip().lower()
    return LONG_NAMES.get(plain, plain)


def _check_columns(path: Path, names: Sequence[str]) -> None:
    """Refuse a table without names, with half a place, or with two columns of one name."""
    half = [name for name in ("lat", "lon") if name not in names]
    missing = "id" if "id" not in names else half[0] if len(half) == 1 else None
    if missing:
        raise RoadError(f"{path} has no column {missing!r}: its first line should be {EXAMPLE}")
    twice = next((name for name, number in Counter(names).items() if name and number > 1), None)
    if twice is not None:
        raise RoadError(f"{path} has the column {twice!r} more than once: its first line should be {EXAMPLE}")


def _check_cells(where: str, row: Mapping[str | None, Any]) -> None:
    """Refuse a row whose cells are others than were meant: 48,2 and 16,3 with commas would be four numbers."""
    if any(cell.strip() for cell in row.get(None) or ()):
        raise RoadError(f"{where} has more cells than the first line has names: write 48.2 with a point, not a comma")
    if any(isinstance(cell, str) and len(cell.splitlines()) > 1 for cell in row.values()):
        raise RoadError(f"{where} closes a quotation mark of a line before: close it there")


def _has_place(row: Mapping[str, Any]) -> bool:
    return any((row.get(name) or "").strip() for name in ("lat", "lon"))


def _from_geojson(path: Path, text: str) -> list[Camera]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RoadError(f"{path} is not JSON ({error}): give GeoJSON points, or CSV with {EXAMPLE}") from error
    check_degrees(f"{path}", document)
    return [
        camera for number, feature in enumerate(_features(document)) for camera in _of_feature(path, number, feature)
    ]


def _features(document: Any) -> Iterable[Any]:
    features = document.get("features") if isinstance(document, Mapping) else document
    return features if isinstance(features, list) else [document]


def _of_feature(path: Path, number: int, feature: Any) -> list[Camera]:
    geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        return []
    where = f"{path} feature {number}"
    point, properties = geometry.get("coordinates"), feature.get("properties")
    if not isinstance(point, list) or len(point) < 2:
        raise RoadError(f"{where} has coordinates {point!r}: a Point has [longitude, latitude]")
    known = dict(properties) if isinstance(properties, Mapping) else {}
    return [_camera(where, {"id": feature.get("id")} | known, point[1], point[0])]


def _camera(where: str, row: Mapping[str, Any], lat: Any, lon: Any) -> Camera:
    bearing = next((row[name] for name in BEARING_NAMES if row.get(name) not in (None, "")), None)
    return Camera(
        id=_id(where, row),
        lat=_number(where, "latitude", lat),
        lon=_number(where, "longitude", lon),
        bearing_deg=None if bearing is None else _number(where, "bearing", bearing),
    )


def _id(where: str, row: Mapping[str, Any]) -> str:
    named = next((row[name] for name in ID_NAMES if row.get(name) not in (None, "")), None)
    if named is None:
        raise RoadError(f"{where} has no id: give each camera one")
    if isinstance(named, list | dict | bool):
        raise RoadError(f"{where} has id {str(named)[:40]!r}: write a name or a number")
    return str(named).strip()


def _number(where: str, name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if number != number or isinstance(value, bool):
        raise RoadError(f"{where} has {name} {str(value)[:40]!r}: write a number of degrees, such as 42.5079")
    return number
