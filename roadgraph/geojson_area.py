"""Read an area that is drawn in GeoJSON: its polygons, its size, and which places lie inside."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from roadgraph.arrays import Flags, Floats
from roadgraph.errors import RoadError
from roadgraph.geojson_crs import check_degrees
from roadgraph.geometry import LocalPlane

NEXT_STEP = "draw it as a Polygon or MultiPolygon"


def contains(area: Mapping[str, object], lat: npt.ArrayLike, lon: npt.ArrayLike) -> Flags:
    """Return whether each place lies inside the area; holes are outside."""
    polygons = read_polygons(area)
    if not polygons:
        raise _no_polygon(area)
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    shapely.prepare(polygons)
    turns = (0.0, 360.0, -360.0)
    return np.asarray(
        np.any([shapely.contains_xy(polygon, x + turn, y) for polygon in polygons for turn in turns], axis=0)
    )


def km2(area: Mapping[str, object]) -> float:
    """Return the size of the area, without its holes, measured on a plane around each polygon."""
    return sum(_polygon_km2(polygon) for polygon in read_polygons(area))


def bounds(area: Mapping[str, object]) -> tuple[float, float, float, float]:
    """Return the westernmost, southernmost, easternmost and northernmost degrees of an area."""
    west, south, east, north = shapely.total_bounds(read_polygons(area)).tolist()
    return west, south, east, north


def on_plane(area: Mapping[str, object], plane: LocalPlane) -> shapely.MultiPolygon:
    """Return the polygons of the area in metres on a plane."""
    lonlat = shapely.MultiPolygon(read_polygons(area))
    return shapely.transform(lonlat, lambda points: plane.to_xy(points[:, 1], points[:, 0]))


def read_polygons(area: Mapping[str, object]) -> list[shapely.Polygon]:
    """Return the polygons of a geometry, a feature or a collection of features, in degrees (longitude, latitude).

    Features that are no polygons are skipped. An empty MultiPolygon has no polygons; an area without any is refused.
    """
    check_degrees("the area", area)
    polygons = [_polygon(rings) for rings in _rings_of_polygons(area) if rings]
    if not polygons and not _is_empty(area):
        raise _no_polygon(area)
    return polygons


def _no_polygon(area: Mapping[str, object]) -> RoadError:
    return RoadError(f"the area is a GeoJSON {area.get('type')!r}: {NEXT_STEP}")


def _is_empty(area: Mapping[str, object]) -> bool:
    return area.get("type") in ("Polygon", "MultiPolygon") and area.get("coordinates") == []


def _rings_of_polygons(area: Any) -> Iterator[Sequence[object]]:
    match area:
        case {"type": "FeatureCollection", "features": [*features]}:
            for feature in features:
                yield from _rings_of_polygons(feature)
        case {"type": "Feature", "geometry": {} as geometry}:
            yield from _rings_of_polygons(geometry)
        case {"type": "Polygon", "coordinates": [*rings]}:
            yield rings
        case {"type": "MultiPolygon", "coordinates": [*polygons]}:
            for rings in polygons:
                if not isinstance(rings, Sequence):
                    raise RoadError(f"a polygon of the area is {rings!r}, not a list of rings: {NEXT_STEP}")
                yield rings


def _polygon(rings: Sequence[object]) -> shapely.Polygon:
    shell, *holes = map(_ring, rings)
    return shapely.Polygon(shell, holes)


def _ring(points: Any) -> Floats:
    """Return the (n, 2) longitudes and latitudes of a ring."""
    try:
        lonlat = np.array([(float(lon), float(lat)) for lon, lat, *_ in points], dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError) as error:
        raise RoadError(f"a ring of the area has no list of [longitude, latitude] numbers: {NEXT_STEP}") from error
    if not np.isfinite(lonlat).all():
        raise RoadError("a ring of the area has a coordinate that is not a number: write degrees")
    if len(lonlat) and (np.abs(lonlat[:, 0]).max() > 360 or np.abs(lonlat[:, 1]).max() > 90):
        raise RoadError("a ring of the area leaves the earth: write [longitude, latitude] in degrees")
    if len(lonlat) and np.ptp(lonlat[:, 0]) > 180:
        # It is drawn across the antimeridian, with longitudes that jump from 180 to -180.
        lonlat[:, 0] %= 360
    corners = len(set(map(tuple, lonlat.tolist())))
    if corners < 3:
        raise RoadError(f"a ring of the area has {corners} different points: a ring needs at least three")
    return lonlat


def _polygon_km2(polygon: shapely.Polygon) -> float:
    west, south, east, north = polygon.bounds
    plane = LocalPlane((south + north) / 2, (west + east) / 2)
    return float(shapely.transform(polygon, lambda points: plane.to_xy(points[:, 1], points[:, 0])).area / 1e6)
