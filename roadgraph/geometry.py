"""Compute distances and bearings on the earth, and coordinates in metres on a plane around a place."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from roadgraph.arrays import Floats

EARTH_RADIUS_M = 6_371_008.8


def distance_m(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Return the great-circle distance between places in degrees; takes numbers or arrays that broadcast."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = np.radians(np.subtract(lon2, lon1)) / 2
    haversine = np.sin(half_dphi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))


def bearing_deg(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Return the initial bearing from one place to another, clockwise from north in [0, 360)."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    dlambda = np.radians(np.subtract(lon2, lon1))
    east = np.sin(dlambda) * np.cos(phi2)
    north = np.cos(phi1) * np.sin(phi2) - np.sin(phi1) * np.cos(phi2) * np.cos(dlambda)
    return np.degrees(np.arctan2(east, north)) % 360


def turn_between_deg(first_deg: Any, second_deg: Any) -> Any:
    """Return the angle between two bearings, in [0, 180]."""
    return np.abs((np.subtract(second_deg, first_deg) + 180) % 360 - 180)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A plane of metres east and north of a place; distances 50 km away in middle latitudes are within about 2 %."""

    lat0: float
    lon0: float

    def to_xy(self, lat: Any, lon: Any) -> Floats:
        """Return (n, 2) metres east and north."""
        x = np.radians(_nearer_way(np.subtract(lon, self.lon0))) * np.cos(np.radians(self.lat0)) * EARTH_RADIUS_M
        y = np.radians(np.subtract(lat, self.lat0)) * EARTH_RADIUS_M
        return np.stack([np.atleast_1d(x), np.atleast_1d(y)], axis=-1).astype(np.float64)

    def to_latlon(self, xy: Any) -> Floats:
        """Return (n, 2) degrees latitude and longitude."""
        flat = np.atleast_2d(np.asarray(xy, dtype=np.float64))
        lat = self.lat0 + np.degrees(flat[:, 1] / EARTH_RADIUS_M)
        lon = self.lon0 + np.degrees(flat[:, 0] / (EARTH_RADIUS_M * np.cos(np.radians(self.lat0))))
        return np.stack([lat, _nearer_way(lon)], axis=-1)


def middle_longitude(west: float, east: float) -> float:
    """Return the middle of two longitudes; two that are more than half the earth apart meet at the antimeridian."""
    middle = (west + east) / 2
    return middle if east - west <= 180 else float(_nearer_way(middle + 180))


def _nearer_way(lon: Any) -> Any:
    """Return longitudes, or differences of them, within 180 degrees; what is within already stays as it is."""
    return np.where(np.abs(lon) > 180, (np.asarray(lon) + 180) % 360 - 180, lon)
