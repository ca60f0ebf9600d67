"""Simulate a city's traffic block by block, and keep on disk who passes which camera when, in order of time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ArchiveError
from index.map.places import current_places, place_book
from index.simulation import truth
from index.simulation.cameras import Station, choose_spots, equip_stations
from index.simulation.city import START, direction_of, write_roads
from index.simulation.fleet import FleetBlock, FleetVehicle, populate
from index.simulation.motion import AWAY
from index.simulation.options import CityOptions, preset_named
from index.simulation.truth import TrueMiss
from index.simulation.truth_writer import write_stations, writing_blocks
from index.store.archive import Archive
from reid.vehicle import COLOURS, VEHICLE_TYPES
from roadgraph.camera import PlacedCamera, snap
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import passages

SLICE_ROWS = 20_000
"""About this many passings are in memory at once."""
_PLATE_STATES = ("clean", "dirty", "covered", "absent")
_PASSING = np.dtype([("at_s", "<f8"), ("vehicle", "<i8"), ("camera", "<i4"), ("towards", "?")])
_TRAITS = np.dtype(
    [("model", "<i8"), ("own", "<i8"), ("type", "u1"), ("colour", "u1"), ("state", "u1"), ("plate", "<U20")]
)

PassingRows = npt.NDArray[Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PlacedStation:
    """A camera of a city that is not filmed: its station and its place on the roads."""

    station: Station
    placed: PlacedCamera

    def films_at(self, at_s: float, fps: float) -> bool:
        """Return whether it films at a second of the period."""
        return self.station.films_at(at_s, fps)


@dataclass(frozen=True, slots=True)
class VehicleTraits:
    """The visible traits of a vehicle: `kind` is its model and colour, `own` a number that only it has."""

    name: str
    kind: str
    own: int
    type: str
    colour: str
    plate: str
    plate_state: str


class Roster:
    """The traits of every vehicle by its number, in one file."""

    def __init__(self, path: Path, vehicles: int) -> None:
        self._rows = np.memmap(path, _TRAITS, "w+", shape=(vehicles,))

    def add(self, first: int, fleet: Sequence[FleetVehicle]) -> None:
        """Store the vehicles from number `first` on."""
        self._rows[first : first + len(fleet)] = [_traits_row(member) for member in fleet]

    def traits(self, vehicle: int) -> VehicleTraits:
        """Return the traits of the vehicle with this number."""
        model, own, kind, colour, state, plate = self._rows[vehicle].item()
        named = COLOURS[colour]
        return VehicleTraits(
            f"v{vehicle + 1:04d}", f"{model} {named}", own, VEHICLE_TYPES[kind], named, plate, _PLATE_STATES[state]
        )


class Spool:
    """Passings in files by time slice; the `expected` number of passings decides how many slices there are."""

    def __init__(self, folder: Path, period_s: float, expected: int) -> None:
        slices = max(1, round(expected / SLICE_ROWS))
        self._slice_s = period_s / slices
        self._paths = [folder / f"passings-{number}" for number in range(slices)]

    def add(self, rows: PassingRows) -> None:
        """Store passings in any order."""
        into = np.clip(rows["at_s"] / self._slice_s, 0, len(self._paths) - 1).astype(int)
        for number in np.unique(into).tolist():
            with self._paths[number].open("ab") as file:
                file.write(rows[into == number].tobytes())

    def in_order(self) -> Iterator[tuple[tuple[float, float], PassingRows]]:
        """Yield the span of each slice, and its passings ordered by time, camera and vehicle."""
        for number, path in enumerate(self._paths):
            rows = np.fromfile(path, _PASSING) if path.exists() else np.zeros(0, _PASSING)
            span_s = number * self._slice_s, (number + 1) * self._slice_s
            yield span_s, rows[np.lexsort((rows["vehicle"], rows["camera"], rows["at_s"]))]


@dataclass(frozen=True, slots=True)
class CityTraffic:
    """The simulated traffic: stations, the traits of the vehicles, and who passes which station (by number) when."""

    stations: tuple[PlacedStation, ...]
    roster: Roster
    spool: Spool


def simulate_passings(
    folder: Path, scratch: Path, options: CityOptions, archive: Archive, *, at_once: int, progress: Progress
) -> CityTraffic:
    """Write the roads, the cameras and the truth but the passages; put the passings into the scratch folder."""
    roads = write_roads(folder, options)
    graph, preset = read_roads(roads, there_and_back=True).graph, preset_named(options.preset)
    blocks: Iterator[FleetBlock] = populate(graph, options, preset, at_once=at_once)
    ahead = next(blocks)
    spots = choose_spots(graph, ahead.trips, (0.0, options.period_s), options.cameras, options.seed)
    blocks = chain([ahead], blocks)
    del ahead  # No other name keeps a block, so that at most two of them are in memory.
    stations = equip_stations(spots, options, preset)
    write_stations(folder, options, stations, START)
    placed = place_stations(archive, roads, stations)
    roster = Roster(scratch / "roster", options.vehicles)
    spool: Spool | None = None
    with writing_blocks(folder, graph, options, START) as write, truth.writing(folder, TrueMiss) as miss:
        for block in blocks:
            write(block)
            roster.add(block.first, block.fleet)
            passed = list(_passings(graph, block, placed))
            rows = passing_rows([one for one in passed if placed[one[2]].films_at(one[0], options.fps)])
            miss(_missed(block, passed, placed, options))
            spool = spool or Spool(scratch, options.period_s, len(rows) * options.vehicles // len(block.fleet))
            spool.add(rows)
            progress(f"{block.first + len(block.fleet)} of {options.vehicles} vehicles have driven")
    assert spool is not None
    return CityTraffic(placed, roster, spool)


def passing_rows(passings: Sequence[tuple[float, int, int, bool]]) -> PassingRows:
    """Return passings (second of the period, vehicle, number of the camera, whether towards it) as an array."""
    return np.array(passings, _PASSING)


def place_stations(archive: Archive, roads: Path, stations: tuple[Station, ...]) -> tuple[PlacedStation, ...]:
    """Import roads and cameras into the archive, and return where it places each station."""
    _refuse_other_cameras(archive, stations)
    place_book(archive).import_roads(roads)
    place_book(archive).import_cameras([station.camera for station in stations])
    places = current_places(archive)
    placed = {camera.id: camera for camera in places.placed}
    return tuple(PlacedStation(station, placed[station.camera.id]) for station in stations)


def _refuse_other_cameras(archive: Archive, stations: tuple[Station, ...]) -> None:
    """Refuse an archive with cameras of its own: they, and its road map, would be replaced by made ones.

    Those of the same city are there where a command that was stopped goes on.
    """
    made = {station.camera.id: (station.camera.lat, station.camera.lon) for station in stations}
    placements = place_book(archive).placements.at(None)
    others = [camera.id for camera in placements.cameras if made.get(camera.id) != (camera.lat, camera.lon)]
    others += placements.without_place
    if others:
        raise ArchiveError(
            f"{archive.path} has a camera {others[0]!r} of its own, and a made city replaces roads and cameras: "
            "name a new archive with --archive, and make it with retrace init"
        )


def _passings(
    graph: RoadGraph, block: FleetBlock, stations: tuple[PlacedStation, ...]
) -> Iterator[tuple[float, int, int, bool]]:
    """Yield the passings of a block, filmed or not.

    Cameras are placed on the roads of the trips: an archive may keep more roads, and number them otherwise.
    """
    number_of = {station.station.camera.id: number for number, station in enumerate(stations)}
    for passage in passages(graph, block.trips, snap(graph, [one.station.camera for one in stations])):
        yield passage.time_s, passage.vehicle, number_of[passage.camera], direction_of(passage) != AWAY


def _missed(
    block: FleetBlock,
    passed: Iterable[tuple[float, int, int, bool]],
    stations: tuple[PlacedStation, ...],
    options: CityOptions,
) -> Iterator[TrueMiss]:
    """Yield the passings that no camera films, though they lie in the period."""
    for at_s, vehicle, number, _ in passed:
        missed = stations[number].station.miss(block.member(vehicle).name, at_s, options, START)
        if missed is not None:
            yield missed


def _traits_row(member: FleetVehicle) -> tuple[int, int, int, int, int, str]:
    body = member.body
    type_, colour = VEHICLE_TYPES.index(body.type), COLOURS.index(body.colour)
    state = _PLATE_STATES.index(body.plate.state)
    return body.model.seed, body.seed, type_, colour, state, body.plate.text
