"""Keep the roads of an archive, its cameras on them, and the travel times between cameras, all consistent.

Without a road map, and between cameras that no road joins, travel times rest on the straight line and on passages.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from weakref import WeakKeyDictionary

from index.errors import ArchiveError
from index.map.learned_times import LearnedTimes, next_counts, read_learned, with_learned
from index.map.placements import CameraPlacement, PlacementBook
from index.map.sighting_roads import take_roads_again
from index.map.stored_places import as_stored, camera_of, placed_camera, same_roads, snapped_or_none, stored_on
from index.map.times_file import read_times, write_times
from index.store.archive import Archive
from index.store.catalogue import cameras as stored_cameras
from index.store.catalogue import road_mark
from index.store.catalogue.audit import Record, no_record
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.database import Catalogue
from index.store.catalogue.road_numbers import renumber_roads
from roadgraph.camera import Camera, PlacedCamera
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.geometry import middle_longitude
from roadgraph.graph import RoadGraph
from roadgraph.next_counts import NO_COUNTS, NextCounts
from roadgraph.straight_line import StraightLines
from roadgraph.tags import ALL_WAYS, TagOptions
from roadgraph.travel_time import TravelTimes
from roadgraph.way_past import Pose

ROADS_FILE = "roads.npz"
TIMES_FILE = "camera-times.npz"
LEARNED_FILE = "learned-times.stamp"
"""An empty file: when it was written, travel times were learned last."""

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Places:
    """The roads, None without a map; the cameras on them; and the travel times between all cameras.

    `travel.times` has the matrix, `where` the latitude and longitude of each camera that has a place.
    """

    graph: RoadGraph | None
    placed: tuple[PlacedCamera, ...]
    travel: TravelTimes
    where: Mapping[str, tuple[float, float]]
    known_passages: int = 0
    next_counts: NextCounts = NO_COUNTS
    poses: Mapping[str, Pose] = field(default_factory=dict)
    moved: tuple[str, ...] = ()

    @property
    def map_mark(self) -> str:
        """Return the fingerprint of the road map, empty without one."""
        return "" if self.graph is None else self.graph.fingerprint

    @property
    def roads(self) -> RoadGraph:
        """Return the road map; refuse where there is none."""
        if self.graph is None:
            raise ArchiveError("the archive has no road map: retrace roads import FILE")
        return self.graph

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all cameras, on the roads or not."""
        return () if self.travel.times is None else self.travel.times.ids


@dataclass(frozen=True, slots=True)
class ImportedRoads:
    """The size of an imported road map, its pieces that no road joins, and the cameras too far from its roads."""

    nodes: int
    edges: int
    km: float
    dropped_km: float
    pieces: int
    cameras_off_roads: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the places of all times share: roads, times between all views ever, what was learned, and their stamp."""

    stamp: "_Stamp"
    graph: RoadGraph | None
    times: CameraTimes
    learned: LearnedTimes | None


class PlaceBook:
    """The places of one archive: the catalogue holds the cameras, files beside it the road map and the matrix.

    The matrix has the views of all times, so the places of one time are a choice of its rows.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.roads_path, self.times_path = folder / ROADS_FILE, folder / TIMES_FILE
        self.learned_path = folder / LEARNED_FILE
        self.catalogue = catalogue
        self.placements = PlacementBook(catalogue)
        self._graph: tuple[int, RoadGraph] | None = None
        self._ground: _Ground | None = None
        self._places: WeakKeyDictionary[CameraPlacement, Places] = WeakKeyDictionary()

    def current(self) -> Places:
        """Return the places as they are now."""
        return self.at(None)

    def at(self, time: datetime | None, around: timedelta = timedelta(0), but: str | None = None) -> Places:
        """Return the places with every camera where it stood at a time; none of one that was moved around it.

        They are made once for each stretch of time without a move; files are read again only when they changed.
        """
        while True:
            ground, placement = self._current_ground(), self.placements.at(time, around, but)
            if ground.stamp == self._stamp():
                places = self._places.get(placement)
                if places is None:
                    places = self._places[placement] = self._made(ground, placement)
                return places

    def import_roads(self, path: Path, options: TagOptions = ALL_WAYS, *, record: Record = no_record) -> ImportedRoads:
        """Replace the road map, and place every camera on the new one."""
        from roadgraph.imports import read_roads

        imported = read_roads(path, options)
        graph = imported.graph
        with self.catalogue.writing() as connection:
            road_mark.put(connection, graph.whole_fingerprint)
            record(connection)
        graph.save(self.roads_path)
        self._place_again(graph)
        self._write_times(graph, known=None)
        off = tuple(camera.id for camera in self.cameras() if not camera.views)
        return ImportedRoads(graph.nodes, graph.edges, graph.km, imported.dropped_km, imported.pieces, off)

    def import_cameras(self, cameras: Sequence[Camera], *, record: Record = no_record) -> list[StoredCamera]:
        """Add cameras, or correct the place of known ones; they can be added before there are roads.

        It is the place for all time, or until a camera was first moved: its later places stay.
        """
        graph = self._road_graph()
        with self.catalogue.writing() as connection:
            stored_cameras.hold(connection, (camera.id for camera in cameras))
            moved = stored_cameras.first_moves(connection)
            stored = [replace(camera, valid_to=moved.get(camera.id)) for camera in stored_on(graph, cameras)]
            stored_cameras.put(connection, stored)
            take_roads_again(connection, [camera.id for camera in stored])
            record(connection)
        if graph is not None:
            self._write_times(graph, known=self._known_times(graph))
        return stored

    def move_camera(
        self, camera: Camera, since: datetime, *, replace_later: bool = False, record: Record = no_record
    ) -> StoredCamera:
        """Move a camera from a time on; its earlier sightings keep the old place, later places are lost if allowed."""
        with self.catalogue.reading() as connection:
            later = [place.valid_from for place in stored_cameras.places(connection, camera.id)]
        if later and max(later) > since and not replace_later:
            raise ArchiveError(
                f"camera {camera.id!r} has a later place, from {max(later).isoformat()} on, which would be lost: "
                "give a --since after it, or add --replace-later"
            )
        graph = self._road_graph()
        stored = replace(stored_on(graph, [camera])[0], valid_from=since)
        with self.catalogue.writing() as connection:
            stored_cameras.move(connection, stored)
            take_roads_again(connection, [camera.id])
            record(connection)
        if graph is not None:
            self._write_times(graph, known=self._known_times(graph))
        return stored

    def add_cameras(self, ids: Sequence[str], *, record: Record = no_record) -> list[str]:
        """Add cameras of which only the name is known; return all that have no place."""
        with self.catalogue.writing() as connection:
            stored_cameras.add_names(connection, ids)
            record(connection)
        return list(self.placements.at(None).without_place)

    def cameras(self) -> list[StoredCamera]:
        """Return the cameras of the archive as they were placed last."""
        return list(self.placements.at(None).cameras)

    def reload_times(self) -> None:
        """Make every process load the places again, because learned travel times have changed."""
        self.learned_path.touch()

    def changed(self, id_: str, *, lat: float | None, lon: float | None, bearing_deg: float | None) -> Camera:
        """Return a camera with another latitude, longitude or bearing, where these are given."""
        if lat is None and lon is None and bearing_deg is None:
            raise ArchiveError(f"nothing to change for camera {id_!r}: give a latitude, longitude or bearing")
        with self.catalogue.reading() as connection:
            stored_cameras.check_known(connection, id_)
            had = stored_cameras.places(connection, id_)
        if not had:
            if lat is None or lon is None:
                raise ArchiveError(f"camera {id_!r} has no place yet: give both a latitude and a longitude")
            return Camera(id_, lat, lon, bearing_deg)
        old = had[-1]
        return Camera(
            id=id_,
            lat=old.lat if lat is None else lat,
            lon=old.lon if lon is None else lon,
            bearing_deg=old.bearing_deg if bearing_deg is None else bearing_deg,
        )

    def _road_graph(self) -> RoadGraph | None:
        stamp = _stamp(self.roads_path)
        if stamp == 0:
            return None
        if self._graph is None or self._graph[0] != stamp:
            self._graph = (stamp, RoadGraph.load(self.roads_path))
            self._warn_of_another_map(self._graph[1])
        return self._graph[1]

    def _warn_of_another_map(self, graph: RoadGraph) -> None:
        """Say that answers rest on a map that nobody imported; without the key of the digests, nobody can tell."""
        if self.catalogue.key is None:
            return
        with self.catalogue.reading() as connection:
            known = road_mark.is_known(connection, graph.whole_fingerprint, graph.fingerprint)
        if not known:
            line = "%s is not the map that was imported last, and answers rest on it: import the roads again"
            _log.warning(line, self.roads_path)

    def _stamp(self) -> "_Stamp":
        return _stamp(self.roads_path), _stamp(self.times_path), _stamp(self.learned_path)

    def _current_ground(self) -> _Ground:
        if self._ground is None or self._ground.stamp != self._stamp():
            self._ground = self._read_ground()
            self._places = WeakKeyDictionary()
        return self._ground

    def _read_ground(self) -> _Ground:
        graph = self._road_graph()
        if graph is None:
            stamp = self._stamp()
            with self.catalogue.reading() as connection:
                return _Ground(stamp, None, CameraTimes.without_roads(()), read_learned(connection))
        if any(view["roads"] != graph.fingerprint for camera in self.placements.everywhere() for view in camera.views):
            # The program was stopped after writing the new roads, before placing the cameras on them.
            self._place_again(graph)
        stamp, times = self._stamp(), self._known_times(graph)
        if times is None or times.of(self._everywhere()) is None:
            times = self._write_times(graph, known=times)
            stamp = self._stamp()
        with self.catalogue.reading() as connection:
            return _Ground(stamp, graph, times, read_learned(connection))

    def _made(self, ground: _Ground, placement: CameraPlacement) -> Places:
        placed = tuple(placed_camera(one) for one in placement.cameras if one.views and ground.graph is not None)
        beside = sorted({*placement.ids} - {camera.id for camera in placed})
        times = ground.times.of(placed, beside)
        if times is None and ground.graph is not None:
            # Another process has placed a camera and not yet written its times.
            times = self._write_times(ground.graph, known=ground.times).of(placed, beside)
        where = {camera.id: (camera.lat, camera.lon) for camera in placement.cameras}
        lon = ground.graph.plane.lon0 if ground.graph is not None else _middle_longitude(where)
        straight = StraightLines.of(placement.ids, where)
        travel = with_learned(TravelTimes(times, lon=lon, straight=straight), ground.learned)
        known = ground.learned.passages if ground.learned else 0
        places = Places(ground.graph, placed, travel, where, known, moved=placement.moved)
        poses = {camera.id: Pose(camera.lat, camera.lon, camera.bearing_deg) for camera in placement.cameras}
        return replace(places, next_counts=next_counts(travel, ground.learned, places.map_mark), poses=poses)

    def _everywhere(self) -> list[PlacedCamera]:
        """Return every camera on the roads with all the views that it ever had, ordered by id."""
        found: dict[str, PlacedCamera] = {}
        for camera in filter(attrgetter("views"), self.placements.everywhere()):
            now, before = placed_camera(camera), found.get(camera.id)
            views = {*now.views, *(before.views if before else ())}
            found[camera.id] = replace(now, views=tuple(sorted(views, key=lambda view: (view.edge, view.along_m))))
        return [found[id_] for id_ in sorted(found)]

    def _known_times(self, graph: RoadGraph) -> CameraTimes | None:
        return read_times(self.times_path, self.catalogue, roads=graph.times_fingerprint)

    def _write_times(self, graph: RoadGraph, *, known: CameraTimes | None) -> CameraTimes:
        times = camera_times(graph, self._everywhere(), known=known)
        write_times(self.times_path, times, self.catalogue)
        return times

    def _place_again(self, graph: RoadGraph) -> None:
        """Place every camera, with its earlier places, on a new map; those too far from its roads get no view.

        Roads have other numbers there, which the sightings of the camera get too.
        """
        with self.catalogue.writing() as connection:
            stored_cameras.hold_all(connection)
            placed = []
            renumbered: dict[str, dict[int, int | None]] = {}
            for old in stored_cameras.all_places(connection):
                new = as_stored(camera_of(old), snapped_or_none(graph, camera_of(old)), graph)
                placed.append(replace(old, views=new.views, snap_m=new.snap_m))
                renumbered[old.id] = renumbered.get(old.id, {}) | same_roads(old, new)
            # All at once: the list of cameras has one digest.
            stored_cameras.put(connection, placed)
            for id_, new_of_old in renumbered.items():
                renumber_roads(connection, id_, new_of_old)


_BOOKS: WeakKeyDictionary[Archive, PlaceBook] = WeakKeyDictionary()
"""The place book of each open archive: it remembers the roads and the matrix that it has read."""


def place_book(archive: Archive) -> PlaceBook:
    """Return the place book of an archive, the same one as long as the archive is open."""
    if archive not in _BOOKS:
        _BOOKS[archive] = PlaceBook(archive.path, archive.catalogue)
    return _BOOKS[archive]


def placements_of(archive: Archive) -> PlacementBook:
    """Return where the cameras of an archive stood at any time, and how their clocks were off, roads or not."""
    return place_book(archive).placements


def current_places(archive: Archive) -> Places:
    """Return the roads of an archive and its cameras as they are now."""
    return place_book(archive).current()


def _middle_longitude(where: Mapping[str, tuple[float, float]]) -> float:
    longitudes = [lon for _, lon in where.values()]
    return middle_longitude(min(longitudes), max(longitudes)) if longitudes else 0.0


def _stamp(path: Path) -> int:
    """Return when a file was last changed, 0 where there is no file."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
