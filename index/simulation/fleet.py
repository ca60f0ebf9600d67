"""Cast the vehicles of a city: popular and rare models, twins, and plates that cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from index.simulation.presets import Preset
from index.simulation.truth import TrueVehicle
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import PlateDesign, make_plate
from reid.render.number_plates.plates import twin as plate_twin
from reid.render.vehicles.bodies import TYPE_OF_BODY, Model, Vehicle, make_model, make_vehicle

MODELS = 1500
"""Makes and types on the roads; the popular ones are driven by many."""
TWO_WHEELED_SHARES = {"eu": 0.06, "uk": 0.03, "us": 0.03, "br": 0.22, "in": 0.45, "vn": 0.65}
"""Which share of the traffic motorcycles and scooters are, by where the city's plates come from."""
_HOMES = ("eu", "eu", "eu", "uk", "us", "br", "in", "vn")
_FOREIGN_SHARE = 0.08
_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Member:
    """One vehicle of the fleet; `twin` names the one whose model and colour it has."""

    name: str
    look: Vehicle
    twin: str | None

    @property
    def truth(self) -> TrueVehicle:
        """Return what is true of it."""
        plate = self.look.plate
        absent = plate.state == "absent"
        return TrueVehicle(
            vehicle=self.name,
            model=f"{self.look.model_name} {self.look.model.seed}",
            type=self.look.type,
            colour=self.look.colour,
            plate=None if absent else plate.text,
            plate_layout=None if absent else plate.layout,
            plate_state=plate.state,
            twin=self.twin,
        )


def cast_fleet(seed: int, vehicles: int, preset: Preset, *, at_once: int) -> Iterator[tuple[Member, ...]]:
    """Yield the vehicles of a city by number, so many at a time; twins come one after the other.

    Each block has chances of its own, so that `at_once` takes part in what comes out.
    """
    rng = np.random.default_rng([seed, 2])
    country = _HOMES[int(rng.integers(len(_HOMES)))]
    for first in range(0, vehicles, at_once):
        rng = np.random.default_rng([seed, 2, first]) if first else rng
        yield _cast(first, min(at_once, vehicles - first), country, preset, rng)


def _cast(first: int, count: int, country: str, preset: Preset, rng: np.random.Generator) -> tuple[Member, ...]:
    pairs = round(count * preset.twin_share / 2)
    originals = set((2 * rng.permutation(count // 2)[:pairs]).tolist())
    members: list[Member] = []
    for number in range(count):
        original = members[-1] if number - 1 in originals else None
        members.append(_member(f"v{first + number + 1:04d}", original, country, preset, rng))
    return tuple(members)


def _member(name: str, original: Member | None, country: str, preset: Preset, rng: np.random.Generator) -> Member:
    if original is None:
        model = _draw_model(country, rng)
        look = make_vehicle(_draw(rng), model, plate=_draw_plate(model, country, preset, rng))
        return Member(name, look, None)
    plate = _plate_of_twin(original.look, country, preset, rng)
    look = make_vehicle(_draw(rng), original.look.model, colour=original.look.colour, plate=plate)
    return Member(name, look, original.name)


def _draw_model(country: str, rng: np.random.Generator) -> Model:
    models, up_to = _range(two_wheeled=bool(rng.random() < TWO_WHEELED_SHARES[country]))
    return models[min(int(np.searchsorted(up_to, rng.random(), side="right")), len(models) - 1)]


@lru_cache(maxsize=2)
def _range(*, two_wheeled: bool) -> tuple[tuple[Model, ...], npt.NDArray[np.float64]]:
    """Return the models with two wheels or with more, the popular ones first, and the share of all up to each."""
    models = [make_model(number) for number in range(MODELS)]
    chosen = tuple(model for model in models if (TYPE_OF_BODY[model.body] == "motorcycle") == two_wheeled)
    popularity = 1 / (np.arange(len(chosen)) + 20.0)
    return chosen, np.cumsum(popularity / popularity.sum())


def _draw_plate(model: Model, country: str, preset: Preset, rng: np.random.Generator) -> PlateDesign:
    """Return a plate of the home country, now and then of any other; of any where home has none for the type."""
    kind = TYPE_OF_BODY[model.body]
    has_own = any(name.startswith(country) and kind in layout.types for name, layout in LAYOUTS.items())
    home = country if has_own and rng.random() >= _FOREIGN_SHARE else None
    return make_plate(_draw(rng), country=home, vehicle_type=kind, state=_draw_state(preset, rng))


def _plate_of_twin(original: Vehicle, country: str, preset: Preset, rng: np.random.Generator) -> PlateDesign:
    """Return a plate of its own, one that differs in a character, or the very same: a clone."""
    chance = rng.random()
    if chance < preset.cloned_share:
        return original.plate
    if chance < preset.cloned_share + preset.near_plate_share:
        return plate_twin(original.plate, _draw(rng))
    return _draw_plate(original.model, country, preset, rng)


def _draw_state(preset: Preset, rng: np.random.Generator) -> str:
    worn = (preset.dirty_share, preset.unreadable_share, preset.absent_share)
    return str(rng.choice(("clean", "dirty", "covered", "absent"), p=(1 - sum(worn), *worn)))


def _draw(rng: np.random.Generator) -> int:
    return int(rng.integers(_SEEDS))
