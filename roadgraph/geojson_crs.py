"""Refuse GeoJSON whose places are no degrees of longitude and latitude, as older files say in a member `crs`."""

import re
from collections.abc import Mapping

from roadgraph.errors import RoadError

_DEGREES = re.compile(r"(?:CRS84|CRS83|\b(?:4326|4258|4269|4979))$", re.IGNORECASE)
"""WGS 84, ETRS 89 and NAD 83, which are metres apart; written as urn:ogc:def:crs:OGC:1.3:CRS84 or EPSG:4326."""


def check_degrees(where: str, document: object) -> None:
    """Refuse a document that says coordinates of another kind: small ones would be taken for degrees elsewhere."""
    crs = document.get("crs") if isinstance(document, Mapping) else None
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not (isinstance(name, str) and _DEGREES.search(name.strip())):
        raise RoadError(f"{where} has the coordinates of {str(name or crs)[:60]!r}: export it in degrees, as EPSG:4326")
