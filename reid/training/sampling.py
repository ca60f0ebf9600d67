"""Choose the pictures of a batch so that each vehicle meets itself on other cameras, and its twins."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from reid.errors import SeeingError
from reid.training.datasets import Crops, Numbers


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """What a batch holds; `source_shares` says which share of its vehicles comes from each source of the crops."""

    vehicles: int = 20
    crops_of_vehicle: int = 4
    twin_share: float = 0.5
    source_shares: tuple[float, ...] = (1.0,)
    seed: int = 0


class TwinSampler:
    """Draw batches; the same crops, options and step give the same batch, so that training can go on where it stopped.

    Twins are vehicles of one model, of one colour where there are such: only wear, marks and plate tell them apart, so
    that they are the lesson that a chance batch seldom holds.
    """

    def __init__(self, crops: Crops, options: SamplingOptions) -> None:
        self._options = options
        self._camera = crops.camera
        self._rows = _rows_of_each(crops.vehicle, crops.vehicles)
        first_row = np.array([rows[0] for rows in self._rows])
        source = crops.source[first_row]
        self._vehicles = [np.flatnonzero(source == number) for number in range(len(options.source_shares))]
        if any(len(vehicles) == 0 for vehicles in self._vehicles):
            raise SeeingError(
                f"{len(options.source_shares)} sources are to be mixed but one has no vehicle: leave it out"
            )
        self._twins = _twins(crops.model[first_row], crops.colour[first_row])

    def batch(self, step: int) -> Numbers:
        """Return the rows of the crops of one batch, those of a vehicle side by side."""
        rng = np.random.default_rng([self._options.seed, step])
        counts = _split(self._options.vehicles, self._options.source_shares)
        drawn = [self._draw(self._vehicles[source], count, rng) for source, count in enumerate(counts)]
        return np.concatenate([self._pictures(vehicle, rng) for vehicle in np.concatenate(drawn)])

    def _draw(self, vehicles: Numbers, count: int, rng: np.random.Generator) -> Numbers:
        """Return `count` vehicles, some of them followed by a twin."""
        chosen: dict[int, None] = {}
        for vehicle in rng.permutation(vehicles).tolist():
            if len(chosen) >= count:
                break
            chosen[vehicle] = None
            twins = self._twins.get(vehicle)
            if twins is not None and len(chosen) < count and rng.random() < self._options.twin_share:
                chosen[int(rng.choice(twins))] = None
        return np.array(list(chosen), dtype=np.int64)

    def _pictures(self, vehicle: int, rng: np.random.Generator) -> Numbers:
        """Return rows of one vehicle, from as many cameras as it was seen on; again the same where it has too few."""
        rows = rng.permutation(self._rows[vehicle])
        turn = np.zeros(len(rows), dtype=np.int64)
        seen: dict[int, int] = defaultdict(int)
        for place, camera in enumerate(self._camera[rows].tolist()):
            turn[place] = seen[camera]
            seen[camera] += 1
        by_turn = rows[np.argsort(turn, kind="stable")]
        return np.resize(by_turn, self._options.crops_of_vehicle)


def _rows_of_each(vehicle: Numbers, vehicles: int) -> list[Numbers]:
    order = np.argsort(vehicle, kind="stable")
    ends = np.cumsum(np.bincount(vehicle, minlength=vehicles))
    rows = np.split(order, ends[:-1])
    empty = next((number for number, own in enumerate(rows) if len(own) == 0), None)
    if empty is not None:
        raise SeeingError(f"vehicle {empty} of {vehicles} has no picture: number the vehicles from 0 without gaps")
    return rows


def _twins(model: Numbers, colour: Numbers) -> dict[int, Numbers]:
    """Return the others of its model and colour for each vehicle, or of its model alone, if there are any."""
    same_model, same_both = defaultdict(list), defaultdict(list)
    for vehicle, (built, painted) in enumerate(zip(model.tolist(), colour.tolist(), strict=True)):
        same_model[built].append(vehicle)
        same_both[built, painted].append(vehicle)
    twins = {}
    for vehicle, (built, painted) in enumerate(zip(model.tolist(), colour.tolist(), strict=True)):
        group = same_both[built, painted]
        others = [other for other in (group if len(group) > 1 else same_model[built]) if other != vehicle]
        if others:
            twins[vehicle] = np.array(others, dtype=np.int64)
    return twins


def _split(count: int, shares: tuple[float, ...]) -> list[int]:
    """Return whole numbers in these shares that add up to the count."""
    edges = np.rint(np.cumsum([0.0, *shares]) / sum(shares) * count).astype(int)
    return [int(size) for size in np.diff(edges)]
