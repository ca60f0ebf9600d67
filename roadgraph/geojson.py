"""Read roads from GeoJSON lines whose properties are OpenStreetMap tags."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from roadgraph.assembly import RoadSource, Way
from roadgraph.errors import RoadError
from roadgraph.geojson_crs import check_degrees

DIGITS = 1e7
"""Lines are joined where their coordinates agree to seven decimals, about a centimetre."""
WORDS = {True: "yes", False: "no"}


def read_geojson(path: Path, text: str) -> RoadSource:
    """Return the roads of a GeoJSON document."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RoadError(f"{path} is not complete JSON ({error}): export it again") from error
    check_degrees(f"{path}", document)
    lines = list(_lines(path, document))
    if not lines:
        raise RoadError(f"{path} has no line in it: roads are LineString or MultiLineString features")
    return RoadSource([_way(path, number, tags, points) for number, (tags, points) in enumerate(lines)])


def _lines(path: Path, document: Any) -> Iterator[tuple[dict[str, str], Any]]:
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(features, list):
        raise RoadError(f"{path} is not a GeoJSON FeatureCollection: it needs a list named features")
    for feature in features:
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        if not isinstance(geometry, Mapping):
            continue
        tags = _tags(feature.get("properties"))
        if geometry.get("type") == "LineString":
            yield tags, geometry.get("coordinates")
        elif geometry.get("type") == "MultiLineString" and isinstance(geometry.get("coordinates"), list):
            yield from ((tags, line) for line in geometry["coordinates"])


def _tags(properties: Any) -> dict[str, str]:
    """Return properties as tags; OpenStreetMap writes booleans as yes and no, and numbers as text."""
    if not isinstance(properties, Mapping):
        return {}
    simple = {key: value for key, value in properties.items() if isinstance(value, (str, int, float))}
    return {str(key): WORDS[value] if isinstance(value, bool) else f"{value}" for key, value in simple.items()}


def _way(path: Path, number: int, tags: Mapping[str, str], points: Any) -> Way:
    try:
        lonlat = np.array([point[:2] for point in points], dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise RoadError(f"line {number} of {path} has no list of [longitude, latitude] numbers: correct it") from error
    if not np.isfinite(lonlat).all():
        raise RoadError(f"line {number} of {path} has a coordinate that is not a number: correct it")
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return Way(number, node_numbers(lat, lon), lat, lon, tags)


def node_numbers(lat: Any, lon: Any) -> Any:
    """Return a number for each place; points of different lines at the same place get the same number."""
    north = np.round(np.clip(lat, -400, 400) * DIGITS).astype(np.int64)
    east = np.round(np.clip(lon, -400, 400) * DIGITS).astype(np.int64)
    return (north << 32) + east
