"""Replace the road map by a newer one of the same place, and say what that changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.access import audit
from index.access.permissions import Permission, require
from index.map.learned_times import read_learned, shares_kept
from index.map.places import ImportedRoads, Places, place_book
from index.store.archive import Archive
from index.store.catalogue.people import Person
from roadgraph.camera import PlacedCamera
from roadgraph.geometry import distance_m
from roadgraph.graph import RoadGraph
from roadgraph.tags import ALL_WAYS, TagOptions

MOVED_M = 5.0
"""A camera is named as placed anew if the point of the road that it sees has moved farther, or it sees more or less."""
SAME_PLACE_DEG = 1e-5
"""Points of two maps that are nearer than about a metre are one."""


@dataclass(frozen=True, slots=True)
class RoadUpdate:
    """What a newer map changed: km of road, cameras that see another piece of road, and pairs of learned times.

    Of `pairs_fading` the shortest way has changed somewhat, so they count less; those of `pairs_dropped` no longer.
    """

    imported: ImportedRoads
    km_added: float
    km_removed: float
    cameras_resnapped: tuple[str, ...]
    pairs_kept: int
    pairs_fading: int
    pairs_dropped: int


def update_roads(archive: Archive, person: Person, path: Path, options: TagOptions = ALL_WAYS) -> RoadUpdate:
    """Replace the road map by a newer one; cameras, sightings and learned times stay, as far as their ways did."""
    require(archive, person, Permission.INGEST)
    book = place_book(archive)
    before = book.current()
    old = before.roads
    # Before anything changes: whoever is stopped in between leaves no other map without a trace.
    audit.record(archive, person, "begin updating roads", {"file": path.name})
    imported = book.import_roads(path, options)
    after = book.current()
    added_km, removed_km = _changed_km(old, after.roads)
    share = np.zeros(0)
    with archive.catalogue.reading() as connection:
        learned = read_learned(connection)
    if learned is not None:
        share = shares_kept(after.travel, learned)
    done = RoadUpdate(
        imported,
        added_km,
        removed_km,
        _resnapped(before, after),
        int((share == 1).sum()),
        int(((share > 0) & (share < 1)).sum()),
        int((share == 0).sum()),
    )
    detail = {"file": path.name, "km added": round(added_km, 3), "km removed": round(removed_km, 3)}
    audit.record(archive, person, "update roads", detail)
    return done


def _changed_km(old: RoadGraph, new: RoadGraph) -> tuple[float, float]:
    """Return the km of road that only the new map has, and that only the old one has."""
    before, after = _roads(old), _roads(new)
    added_m = sum(length_m for road, length_m in after.items() if road not in before)
    removed_m = sum(length_m for road, length_m in before.items() if road not in after)
    return added_m / 1000, removed_m / 1000


def _roads(graph: RoadGraph) -> Mapping[tuple[int, ...], float]:
    """Return the length of each straight piece of road by its ends, so that a new junction changes nothing else."""
    once = graph.road_of_edge == np.arange(graph.edges)
    edge = np.repeat(np.arange(graph.edges), np.diff(graph.shape_start))
    inside = (edge[1:] == edge[:-1]) & once[edge[1:]]
    lat, lon = graph.shape_lat, graph.shape_lon
    length_m = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])[inside]
    points = np.round(np.stack([lat, lon], axis=1) / SAME_PLACE_DEG).astype(np.int64)
    ends = np.stack([points[:-1][inside], points[1:][inside]], axis=1)
    swapped = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[swapped] = ends[swapped][:, ::-1]
    return dict(zip(map(tuple, ends.reshape(-1, 4).tolist()), length_m.tolist(), strict=True))


def _resnapped(before: Places, after: Places) -> tuple[str, ...]:
    """Return the cameras that see another point of road than before, or are off the roads now, or on them."""
    old, new = ({one.id: one for one in places.placed} for places in (before, after))
    changed = [
        id_
        for id_ in sorted({*old, *new})
        if id_ not in old or id_ not in new or _differs(before.roads, old[id_], after.roads, new[id_])
    ]
    return tuple(changed)


def _differs(old: RoadGraph, before: PlacedCamera, new: RoadGraph, after: PlacedCamera) -> bool:
    if len(before.views) != len(after.views):
        return True
    points = (
        (*old.position(one.edge, one.along_m), *new.position(other.edge, other.along_m))
        for one, other in zip(before.views, after.views, strict=True)
    )
    return any(float(distance_m(*four)) > MOVED_M for four in points)
