"""Choose and augment the pictures of each batch: vehicles on several cameras, many of them with a twin."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reid.arrays import Floats32, Ints
from reid.errors import SeeingError
from reid.training.appearance.datasets import Crops
from reid.training.augmentation import AugmentOptions, augmented

MEAN, SPREAD = 114.75, 63.75
"""The input of the network is (pixel - MEAN) / SPREAD in each channel."""


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """Composition of a batch; `source_shares` are the shares of its vehicles from each source of the crops."""

    vehicles: int = 20
    crops_of_vehicle: int = 4
    twin_share: float = 0.5
    source_shares: tuple[float, ...] = (1.0,)
    seed: int = 0


class TwinSampler:
    """Draw batches; the same crops, options and step give the same batch, so that training can resume.

    Twins are vehicles of one model, and of one colour if possible: only wear, marks and plate tell them apart. Random
    batches seldom contain such hard pairs.
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

    def batch(self, step: int) -> Ints:
        """Return the rows of the crops of one batch, those of a vehicle side by side."""
        rng = np.random.default_rng([self._options.seed, step])
        counts = _split(self._options.vehicles, self._options.source_shares)
        drawn = [self._draw(self._vehicles[source], count, rng) for source, count in enumerate(counts)]
        return np.concatenate([self._pictures(vehicle, rng) for vehicle in np.concatenate(drawn)])

    def _draw(self, vehicles: Ints, count: int, rng: np.random.Generator) -> Ints:
        """Return `count` vehicles, some of them each followed by a twin."""
        chosen: dict[int, None] = {}
        for vehicle in rng.permutation(vehicles).tolist():
            if len(chosen) >= count:
                break
            chosen[vehicle] = None
            twins = self._twins.get(vehicle)
            if twins is not None and len(chosen) < count and rng.random() < self._options.twin_share:
                chosen[int(rng.choice(twins))] = None
        return np.array(list(chosen), dtype=np.int64)

    def _pictures(self, vehicle: int, rng: np.random.Generator) -> Ints:
        """Return rows of one vehicle from as many cameras as possible; rows repeat if there are too few."""
        rows = rng.permutation(self._rows[vehicle])
        turn = np.zeros(len(rows), dtype=np.int64)
        pictures_on: dict[int, int] = defaultdict(int)
        for place, camera in enumerate(self._camera[rows].tolist()):
            turn[place] = pictures_on[camera]
            pictures_on[camera] += 1
        by_turn = rows[np.argsort(turn, kind="stable")]
        return np.resize(by_turn, self._options.crops_of_vehicle)


@dataclass(frozen=True, slots=True)
class AppearanceBatch:
    """Normalised pictures (n, 3, s, s) and their labels (n,); headings are those of the augmented pictures.

    `taught` (n, d) are a teacher's unit vectors of the pictures as they were filmed, (n, 0) without a teacher.
    """

    pictures: Tensor
    vehicle: Tensor
    type: Tensor
    colour: Tensor
    heading_deg: Tensor
    taught: Tensor

    def to(self, device: torch.device) -> "AppearanceBatch":
        """Return the batch on a device."""
        return AppearanceBatch(*(part.to(device, non_blocking=True) for part in (
            self.pictures, self.vehicle, self.type, self.colour, self.heading_deg, self.taught,
        )))  # fmt: skip


@dataclass(frozen=True, slots=True)
class EarlySteps:
    """The number of first steps and their augmentation, with smaller pictures at half the cost."""

    steps: int
    camera: AugmentOptions


class AppearanceBatches:
    """Makes the batch of any step; the same step gives the same batch in any thread."""

    def __init__(
        self,
        crops: Crops,
        sampler: TwinSampler,
        camera: AugmentOptions,
        *,
        early: EarlySteps,
        seed: int,
        taught: Floats32 | None = None,
    ) -> None:
        """Keep the crops; `camera` is the augmentation after the early steps, `taught` (n, d) a teacher's vectors."""
        self._crops = crops
        self._sampler = sampler
        self._camera = camera
        self._early = early
        self._seed = seed
        self._taught = np.zeros((len(crops), 0), dtype=np.float32) if taught is None else taught

    def __call__(self, step: int) -> AppearanceBatch:
        """Return the batch of a step."""
        rows = self._sampler.batch(step)
        rng = np.random.default_rng([self._seed, step, 1])
        camera = self._early.camera if step < self._early.steps else self._camera
        shown = [augmented(self._crops.pictures[row], camera, rng) for row in rows.tolist()]
        sign = np.where([mirrored for _, mirrored in shown], -1.0, 1.0)
        return AppearanceBatch(
            normalise(np.stack([picture for picture, _ in shown])),
            torch.from_numpy(self._crops.vehicle[rows]),
            torch.from_numpy(self._crops.type[rows]),
            torch.from_numpy(self._crops.colour[rows]),
            torch.from_numpy((self._crops.heading_deg[rows] * sign).astype(np.float32)),
            torch.from_numpy(self._taught[rows]),
        )


def normalise(pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    """Return RGB pictures (n, s, s, 3) as network input: (n, 3, s, s) floats, laid out channels last."""
    return (torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() - MEAN) / SPREAD


def _rows_of_each(vehicle: Ints, vehicles: int) -> list[Ints]:
    order = np.argsort(vehicle, kind="stable")
    ends = np.cumsum(np.bincount(vehicle, minlength=vehicles))
    rows = np.split(order, ends[:-1])
    empty = next((number for number, own in enumerate(rows) if len(own) == 0), None)
    if empty is not None:
        raise SeeingError(f"vehicle {empty} of {vehicles} has no picture: number the vehicles from 0 without gaps")
    return rows


def _twins(model: Ints, colour: Ints) -> dict[int, Ints]:
    """Return for each vehicle the others of its model and colour, or else of its model, if there are any."""
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
    """Split a count into whole numbers in these shares."""
    edges = np.rint(np.cumsum([0.0, *shares]) / sum(shares) * count).astype(int)
    return [int(size) for size in np.diff(edges)]
