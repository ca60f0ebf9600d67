"""Make the vehicles of a city and simulate their trips, one block of vehicles at a time so that any number fits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from index.simulation.options import CityOptions, Preset
from index.simulation.truth import TrueVehicle
from reid.arrays import Floats
from reid.render.foreign.vehicles import make_foreign_model, make_foreign_plate, make_foreign_vehicle
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import PlateDesign, make_plate
from reid.render.number_plates.plates import twin as plate_twin
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, VehicleModel, make_model, make_vehicle
from roadgraph.graph import RoadGraph
from roadgraph.traffic import TrafficOptions, Trip, simulate_blocks

BLOCK_VEHICLES = 10_000
"""Vehicles in a block; another block size makes another city."""
WARM_UP_S = 180.0
"""Traffic starts this long before the cameras do, so that the roads are not empty at first."""
RUN_ON_S = 600.0
"""Traffic runs on this long after the cameras stop, so that the truth says where each vehicle went."""
PARKED_MEDIAN_S = 60.0
"""Short stops, so that most vehicles pass several cameras."""
MODELS = 1500
"""Vehicle models on the roads; a few popular ones are driven by many people."""
FOREIGN_MODELS = 750
"""Models with four wheels, and as many with two, in foreign cities."""
FOREIGN = "zz"
"""The country of foreign cities, whose vehicles and plates nothing was trained on."""
TWO_WHEELED_SHARES = {"eu": 0.06, "uk": 0.03, "us": 0.03, "br": 0.22, "in": 0.45, "vn": 0.65, FOREIGN: 0.12}
"""The share of motorcycles and scooters in the traffic, by the country of the city's plates."""
_HOMES = ("eu", "eu", "eu", "uk", "us", "br", "in", "vn")
_FOREIGN_SHARE = 0.08
_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class FleetVehicle:
    """One vehicle of the fleet; `twin` names the vehicle whose model and colour it shares."""

    name: str
    body: Vehicle
    twin: str | None

    @property
    def truth(self) -> TrueVehicle:
        """Return the vehicle's row of the truth."""
        plate = self.body.plate
        absent = plate.state == "absent"
        return TrueVehicle(
            vehicle=self.name,
            model=f"{self.body.model_name} {self.body.model.seed}",
            type=self.body.type,
            colour=self.body.colour,
            plate=None if absent else plate.text,
            plate_layout=None if absent else plate.layout,
            plate_state=plate.state,
            twin=self.twin,
        )


@dataclass(frozen=True, slots=True)
class FleetBlock:
    """Vehicles from number `first` on, and their trips ordered by vehicle and time.

    Trip times are seconds of the period, which begins with the footage.
    """

    first: int
    fleet: tuple[FleetVehicle, ...]
    trips: tuple[Trip, ...]

    def member(self, vehicle: int) -> FleetVehicle:
        """Return the vehicle with this number."""
        return self.fleet[vehicle - self.first]


def populate(
    graph: RoadGraph, options: CityOptions, preset: Preset, *, at_once: int = BLOCK_VEHICLES
) -> Iterator[FleetBlock]:
    """Yield the blocks of a city; the same options give the same blocks."""
    fleets = make_fleet(options.seed, options.vehicles, preset, at_once=at_once)
    journeys = simulate_blocks(graph, _traffic_options(options, preset), at_once=at_once)
    first = 0
    for fleet, trips in zip(fleets, journeys, strict=True):
        yield FleetBlock(first, fleet, tuple(_in_the_period(trip) for trip in trips))
        first += len(fleet)


def make_fleet(seed: int, vehicles: int, preset: Preset, *, at_once: int) -> Iterator[tuple[FleetVehicle, ...]]:
    """Yield the vehicles of a city in blocks of `at_once`; a twin follows its original.

    Each block has its own random numbers, so the block size changes the result.
    """
    rng = np.random.default_rng([seed, 2])
    drawn = _HOMES[int(rng.integers(len(_HOMES)))]
    country = FOREIGN if preset.foreign else drawn
    for first in range(0, vehicles, at_once):
        rng = np.random.default_rng([seed, 2, first]) if first else rng
        yield _make_block(first, min(at_once, vehicles - first), country, preset, rng)


def _traffic_options(options: CityOptions, preset: Preset) -> TrafficOptions:
    return TrafficOptions(
        vehicles=options.vehicles,
        minutes=(WARM_UP_S + options.period_s + RUN_ON_S) / 60,
        seed=options.seed,
        jams=preset.jams,
        detour_share=preset.detour_share,
        parked_median_s=PARKED_MEDIAN_S,
        light=options.traffic == "light",
    )


def _in_the_period(trip: Trip) -> Trip:
    return replace(trip, enter_s=trip.enter_s - WARM_UP_S, exit_s=trip.exit_s - WARM_UP_S)


def _make_block(
    first: int, count: int, country: str, preset: Preset, rng: np.random.Generator
) -> tuple[FleetVehicle, ...]:
    pairs = round(count * preset.twin_share / 2)
    originals = set((2 * rng.permutation(count // 2)[:pairs]).tolist())
    vehicles: list[FleetVehicle] = []
    for number in range(count):
        original = vehicles[-1] if number - 1 in originals else None
        vehicles.append(_make_vehicle(f"v{first + number + 1:04d}", original, country, preset, rng))
    return tuple(vehicles)


def _make_vehicle(
    name: str, original: FleetVehicle | None, country: str, preset: Preset, rng: np.random.Generator
) -> FleetVehicle:
    make = make_foreign_vehicle if country == FOREIGN else make_vehicle
    if original is None:
        model = _draw_model(country, rng)
        body = make(_draw_seed(rng), model, plate=_draw_plate(model, country, preset, rng))
        return FleetVehicle(name, body, None)
    plate = _plate_of_twin(original.body, country, preset, rng)
    body = make(_draw_seed(rng), original.body.model, colour=original.body.colour, plate=plate)
    return FleetVehicle(name, body, original.name)


def _draw_model(country: str, rng: np.random.Generator) -> VehicleModel:
    two_wheeled = bool(rng.random() < TWO_WHEELED_SHARES[country])
    models, cumulative = _models(two_wheeled=two_wheeled, foreign=country == FOREIGN)
    return models[min(int(np.searchsorted(cumulative, rng.random(), side="right")), len(models) - 1)]


@lru_cache(maxsize=4)
def _models(*, two_wheeled: bool, foreign: bool) -> tuple[tuple[VehicleModel, ...], Floats]:
    """Return the two-wheeled models, or all others, most popular first, with their cumulative shares."""
    if foreign:
        chosen = tuple(make_foreign_model(number, two_wheeled=two_wheeled) for number in range(FOREIGN_MODELS))
    else:
        models = [make_model(number) for number in range(MODELS)]
        chosen = tuple(model for model in models if (TYPE_OF_BODY[model.body] == "motorcycle") == two_wheeled)
    popularity = 1 / (np.arange(len(chosen)) + 20.0)
    return chosen, np.cumsum(popularity / popularity.sum())


def _draw_plate(model: VehicleModel, country: str, preset: Preset, rng: np.random.Generator) -> PlateDesign:
    """Return a plate of the home country, sometimes of another; of any country if home has none for the type."""
    kind = TYPE_OF_BODY[model.body]
    if country == FOREIGN:
        return make_foreign_plate(_draw_seed(rng), kind, state=_draw_plate_state(preset, rng))
    has_own = any(name.startswith(country) and kind in layout.types for name, layout in LAYOUTS.items())
    home = country if has_own and rng.random() >= _FOREIGN_SHARE else None
    return make_plate(_draw_seed(rng), country=home, vehicle_type=kind, state=_draw_plate_state(preset, rng))


def _plate_of_twin(original: Vehicle, country: str, preset: Preset, rng: np.random.Generator) -> PlateDesign:
    """Return an independent plate, one that differs in a character, or the same plate: a clone."""
    draw = rng.random()
    if draw < preset.cloned_share:
        return original.plate
    if draw < preset.cloned_share + preset.near_plate_share:
        return plate_twin(original.plate, _draw_seed(rng))
    return _draw_plate(original.model, country, preset, rng)


def _draw_plate_state(preset: Preset, rng: np.random.Generator) -> str:
    worn = (preset.dirty_share, preset.unreadable_share, preset.absent_share)
    return str(rng.choice(("clean", "dirty", "covered", "absent"), p=(1 - sum(worn), *worn)))


def _draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(_SEEDS))
