"""Yield who lives in a city and where they drive, a block of vehicles at a time: any number fits into memory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.simulation.fleet import Member, cast_fleet
from index.simulation.options import CityOptions
from index.simulation.presets import Preset
from roadgraph.graph import RoadGraph
from roadgraph.traffic import TrafficOptions, Trip, simulate_blocks

AT_ONCE = 10_000
"""Vehicles in a block; the same city in other blocks is another city."""
WARM_UP_S = 180.0
"""Traffic runs for so long before the cameras do, so that the roads are not empty when they start."""
AFTERWARDS_S = 600.0
"""It runs on for so long after them, so that it is known where everybody went."""
PARKED_MEDIAN_S = 60.0
"""People of the city are restless, so that few of them are seen often."""


@dataclass(frozen=True, slots=True)
class Block:
    """Vehicles from number `first` on, and their trips in order of vehicle and time.

    Trips are in seconds of the period, which begins with the footage.
    """

    first: int
    fleet: tuple[Member, ...]
    trips: tuple[Trip, ...]

    def member(self, vehicle: int) -> Member:
        """Return the vehicle of a number."""
        return self.fleet[vehicle - self.first]


def populate(graph: RoadGraph, options: CityOptions, preset: Preset, *, at_once: int = AT_ONCE) -> Iterator[Block]:
    """Yield the blocks of a city; the same options give the same ones."""
    fleets = cast_fleet(options.seed, options.vehicles, preset, at_once=at_once)
    journeys = simulate_blocks(graph, _traffic(options, preset), at_once=at_once)
    first = 0
    for fleet, trips in zip(fleets, journeys, strict=True):
        yield Block(first, fleet, tuple(_in_the_period(trip) for trip in trips))
        first += len(fleet)


def _traffic(options: CityOptions, preset: Preset) -> TrafficOptions:
    return TrafficOptions(
        vehicles=options.vehicles,
        minutes=(WARM_UP_S + options.period_s + AFTERWARDS_S) / 60,
        seed=options.seed,
        jams=preset.jams,
        detour_share=preset.detour_share,
        parked_median_s=PARKED_MEDIAN_S,
    )


def _in_the_period(trip: Trip) -> Trip:
    return replace(trip, enter_s=trip.enter_s - WARM_UP_S, exit_s=trip.exit_s - WARM_UP_S)
