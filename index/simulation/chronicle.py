"""Write down what is true of a city before anything is filmed: its cameras, and block by block who drives where."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from index.simulation import truth
from index.simulation.about import About, write_about
from index.simulation.afterwards import Telling, positions, steps
from index.simulation.options import CityOptions
from index.simulation.population import AFTERWARDS_S, Block
from index.simulation.stations import Station, cameras_geojson
from index.simulation.truth import TrueClock, TruePosition, TrueStep, TrueVehicle, TrueWeather
from roadgraph.graph import RoadGraph


def write_stations(folder: Path, options: CityOptions, stations: Sequence[Station], start: datetime) -> None:
    """Write what is true of the cameras, and with which options the city was made."""
    (folder / "cameras.geojson").write_text(cameras_geojson(stations), encoding="utf-8")
    truth.write(folder, TrueClock, [TrueClock(station.camera.id, station.clock_s) for station in stations])
    truth.write(folder, TrueWeather, [station.weather for station in stations])
    write_about(folder, About.of(options, start))


@contextmanager
def writing_blocks(
    folder: Path, graph: RoadGraph, options: CityOptions, start: datetime
) -> Iterator[Callable[[Block], None]]:
    """Lend what writes a block of vehicles: what each is, where it is and by which roads it goes."""
    telling = Telling.of(options.vehicles, options.period_s + AFTERWARDS_S)
    with (
        truth.writing(folder, TrueVehicle) as add_vehicles,
        truth.writing(folder, TruePosition) as add_positions,
        truth.writing(folder, TrueStep) as add_steps,
    ):

        def add(block: Block) -> None:
            add_vehicles(member.truth for member in block.fleet)
            add_positions(positions(graph, block, telling, start))
            add_steps(steps(graph, block, telling, start))

        yield add
