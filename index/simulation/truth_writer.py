"""Write the truth that is known before filming: cameras, and for each block its vehicles, positions and roads."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np

from index.simulation import truth
from index.simulation.cameras import Station, cameras_geojson
from index.simulation.fleet import RUN_ON_S, FleetBlock
from index.simulation.options import CityOptions, CityRecord, write_city_record
from index.simulation.truth import TrueClock, TrueDrift, TruePosition, TrueStep, TrueVehicle, TrueWeather
from reid.arrays import Floats
from roadgraph.graph import RoadGraph
from roadgraph.passages import whereabouts_at_times
from roadgraph.traffic import Trip

MOST_ROWS = 2_000_000
LONGEST_STEP_S = 10.0


@dataclass(frozen=True, slots=True)
class PositionSampling:
    """The seconds of the period at which positions are written, for every `nth` vehicle."""

    seconds: Floats
    nth: int

    @classmethod
    def of(cls, vehicles: int, until_s: float) -> "PositionSampling":
        """Sample all vehicles every second; sample large fleets less often, then fewer vehicles, up to MOST_ROWS."""
        every_s = min(max(1.0, math.ceil(vehicles * until_s / MOST_ROWS)), LONGEST_STEP_S)
        seconds = np.arange(0.0, until_s + every_s, every_s)
        return cls(seconds, max(1, math.ceil(vehicles * len(seconds) / MOST_ROWS)))

    def trips_of(self, block: FleetBlock) -> Iterator[tuple[str, Sequence[Trip]]]:
        """Yield the name and the trips of each sampled vehicle of a block."""
        for vehicle, trips in groupby(block.trips, key=lambda trip: trip.vehicle):
            if vehicle % self.nth == 0:
                yield block.member(vehicle).name, list(trips)


def write_stations(folder: Path, options: CityOptions, stations: Sequence[Station], start: datetime) -> None:
    """Write the cameras, their clocks and weather, and the record of the city's options."""
    (folder / "cameras.geojson").write_text(cameras_geojson(stations), encoding="utf-8")
    truth.write(folder, TrueClock, [TrueClock(station.camera.id, station.clock_s) for station in stations])
    if not options.keeps_rates:
        begins = {station.camera.id: station.shown_at(start, start) for station in stations}
        drifts = [TrueDrift(one.camera.id, one.drift, begins[one.camera.id]) for one in stations]
        truth.write(folder, TrueDrift, drifts)
    truth.write(folder, TrueWeather, [station.weather for station in stations])
    write_city_record(folder, CityRecord.of(options, start))


@contextmanager
def writing_blocks(
    folder: Path, graph: RoadGraph, options: CityOptions, start: datetime
) -> Iterator[Callable[[FleetBlock], None]]:
    """Give a function that writes one block: its vehicles, where they are and which roads they take."""
    sampling = PositionSampling.of(options.vehicles, options.period_s + RUN_ON_S)
    with (
        truth.writing(folder, TrueVehicle) as add_vehicles,
        truth.writing(folder, TruePosition) as add_positions,
        truth.writing(folder, TrueStep) as add_steps,
    ):

        def add(block: FleetBlock) -> None:
            add_vehicles(member.truth for member in block.fleet)
            add_positions(_positions(graph, block, sampling, start))
            add_steps(_steps(graph, block, sampling, start))

        yield add


def _positions(
    graph: RoadGraph, block: FleetBlock, sampling: PositionSampling, start: datetime
) -> Iterator[TruePosition]:
    """Yield the position of each sampled vehicle over time; a parked vehicle stays in place."""
    times = [start + timedelta(seconds=second) for second in sampling.seconds.tolist()]
    for name, trips in sampling.trips_of(block):
        lat, lon = whereabouts_at_times(graph, trips, sampling.seconds)
        rows = zip(times, lat.round(7).tolist(), lon.round(7).tolist(), strict=True)
        yield from (TruePosition(name, *row) for row in rows)


def _steps(graph: RoadGraph, block: FleetBlock, sampling: PositionSampling, start: datetime) -> Iterator[TrueStep]:
    """Yield the roads of each trip of the sampled vehicles, in order."""
    for vehicle, trips in sampling.trips_of(block):
        for number, trip in enumerate(trips, start=1):
            for edge, entered_s in zip(trip.edges.tolist(), trip.enter_s.tolist(), strict=True):
                time = start + timedelta(seconds=round(entered_s, 3))
                name = graph.names[int(graph.edge_name[edge])] or None
                yield TrueStep(vehicle, number, time, edge, name)
