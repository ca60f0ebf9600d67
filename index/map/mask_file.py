"""Read masks of cameras from files: polygons in shares of the picture's width and height."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.errors import ArchiveError
from reid.scene.regions import Polygon, Regions, check_polygon
from roadgraph.camera_files import feature_id

EXAMPLE = '{"look": [[[0, 0.4], [1, 0.4], [1, 1], [0, 1]]], "ignore": []}'
LOOK, IGNORE = "look", "ignore"
MOST_POLYGONS = 1000
"""Of each use; more is no mask that a person drew."""


def read_mask(path: Path) -> Regions:
    """Return the mask in a file."""
    return parse_mask(_json(path), str(path))


def read_masks(path: Path) -> dict[str, Regions]:
    """Return the mask of each camera of a GeoJSON file that has one in its properties; none for other files."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if text.lstrip()[:1] not in ("{", "["):
        return {}
    document = _json(path)
    features = document.get("features", [document]) if isinstance(document, Mapping) else document
    masks = {}
    for feature in features if isinstance(features, list) else []:
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        if isinstance(properties, Mapping) and properties.get("mask") is not None:
            camera = feature_id(str(path), feature)
            masks[camera] = parse_mask(properties["mask"], f"{path}, camera {camera!r}")
    return masks


def parse_mask(document: Any, where: str) -> Regions:
    """Return the mask in {"look": polygons, "ignore": polygons}, or in GeoJSON polygons whose "use" is either."""
    if not isinstance(document, Mapping):
        raise ArchiveError(f"{where}: a mask is written as {EXAMPLE}")
    if document.get("type") == "FeatureCollection":
        return _of_features(document, where)
    unknown = sorted(set(document) - {LOOK, IGNORE})
    if unknown or not document:
        raise ArchiveError(f"{where}: {unknown[0] if unknown else 'nothing'!r} in a mask: it is written as {EXAMPLE}")
    return Regions(*(_polygons(document.get(use, []), where) for use in (LOOK, IGNORE)))


def mask_document(regions: Regions | None) -> dict[str, object] | None:
    """Return a mask as the document that `parse_mask` reads."""
    if regions is None:
        return None
    named = ((LOOK, regions.look), (IGNORE, regions.ignore))
    return {use: [[list(corner) for corner in polygon] for polygon in polygons] for use, polygons in named}


def _of_features(document: Mapping[str, Any], where: str) -> Regions:
    uses: dict[str, list[Polygon]] = {LOOK: [], IGNORE: []}
    features = document.get("features")
    for feature in features if isinstance(features, list) else []:
        geometry, properties = (_part(feature, name) for name in ("geometry", "properties"))
        use, rings = properties.get("use", LOOK), geometry.get("coordinates")
        if use not in (LOOK, IGNORE) or geometry.get("type") != "Polygon" or not isinstance(rings, list):
            raise ArchiveError(f'{where}: each feature is a Polygon whose property "use" is "look" or "ignore"')
        uses[use] += _polygons(rings[:1], where)
    return Regions(tuple(uses[LOOK]), tuple(uses[IGNORE]))


def _part(feature: Any, name: str) -> Mapping[str, Any]:
    part = feature.get(name) if isinstance(feature, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _polygons(document: Any, where: str) -> tuple[Polygon, ...]:
    if not isinstance(document, list):
        raise ArchiveError(f"{where}: polygons come in a list: a mask is written as {EXAMPLE}")
    if len(document) > MOST_POLYGONS:
        raise ArchiveError(f"{where}: {len(document):,} polygons: {MOST_POLYGONS:,} are the most")
    return tuple(check_polygon(polygon, where) for polygon in document)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise ArchiveError(f"{path} is not JSON: a mask is written as {EXAMPLE}") from None
