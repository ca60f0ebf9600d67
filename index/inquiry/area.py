"""Say which places lie inside an area on the map, a GeoJSON polygon or several, and how large it is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from index.errors import ArchiveError

Ring: TypeAlias = Sequence[Sequence[float]]

KM_PER_DEGREE = 111.19


def contains(area: Mapping[str, object], lat: float, lon: float) -> bool:
    """Return whether a place is inside the area: an odd number of its borders lie to the east (holes count too)."""
    return any(_crossings(polygon, lat, lon) % 2 == 1 for polygon in polygons(area))


def km2(area: Mapping[str, object]) -> float:
    """Return how large the area is, by the shoelace formula on a plane that touches the earth at each ring."""
    return sum(_ring_km2(polygon[0]) - sum(map(_ring_km2, polygon[1:])) for polygon in _polygons(area))


def polygons(area: Mapping[str, object]) -> list[list[Ring]]:
    """Return the polygons of a geometry, a feature or a collection of features, each as its rings."""
    found = list(_polygons(area))
    if not found:
        raise ArchiveError(f"the area is a GeoJSON {area.get('type')!r}: draw it as a Polygon or MultiPolygon")
    return found


def _polygons(area: Any) -> Iterator[list[Ring]]:
    match area:
        case {"type": "FeatureCollection", "features": [*features]}:
            for feature in features:
                yield from _polygons(feature)
        case {"type": "Feature", "geometry": {} as geometry}:
            yield from _polygons(geometry)
        case {"type": "Polygon", "coordinates": [*rings]}:
            yield rings
        case {"type": "MultiPolygon", "coordinates": [*shapes]}:
            yield from shapes


def _ring_km2(ring: Ring) -> float:
    (lon0, lat0), *_ = ring
    east_km = KM_PER_DEGREE * math.cos(math.radians(lat0))
    points = [((lon - lon0) * east_km, (lat - lat0) * KM_PER_DEGREE) for lon, lat in ring]
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(points))) / 2


def _crossings(rings: Sequence[Ring], lat: float, lon: float) -> int:
    return sum(_is_crossed(ring[i - 1], ring[i], lat, lon) for ring in rings for i in range(len(ring)))


def _is_crossed(start: Sequence[float], end: Sequence[float], lat: float, lon: float) -> bool:
    """Return whether a line due east from the place meets the border between two [lon, lat] corners."""
    if (start[1] > lat) == (end[1] > lat):
        return False
    return lon < start[0] + (lat - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
