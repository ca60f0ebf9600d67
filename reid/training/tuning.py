"""Tune the appearance network to pictures of which some are known to show one vehicle and some to show two."""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet
from reid.training import losses
from reid.training.augmentation import CameraOptions, as_another_camera
from reid.training.batches import normalise
from reid.training.datasets import Numbers, Pictures
from reid.training.loop import Lessons, LoopOptions, train
from reid.training.table import Row

Flags = npt.NDArray[np.bool_]

LINKED_SHARE = 0.6
"""So much of a batch is vehicles known on two cameras or more; the rest keeps all other pictures in view."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of n pictures (n, side, side, 3), boxes with their margin.

    `vehicle` (n,) numbers from 0 those known to be one vehicle, `camera` (n,) where each was taken; `rivals` (v, v)
    says which are surely two. Of all other pairs nothing is known.
    """

    pictures: Pictures
    vehicle: Numbers
    camera: Numbers
    rivals: Flags

    def digest(self) -> str:
        """Return what tells this knowledge from other, so that no training goes on with other pictures."""
        parts = (self.pictures, self.vehicle, self.camera, self.rivals)
        return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How long and how far to tune; `stay` is how dear it is to move away from what the network says now.

    Vectors may not wander: few vehicles are known here, and all that the network learned elsewhere must last.
    """

    steps: int = 400
    last_steps: int = 200
    learning_rate: float = 1e-4
    vehicles: int = 16
    pictures_of_vehicle: int = 4
    circle: float = 0.1
    stay: float = 3.0
    seed: int = 0
    threads: int = 1
    camera: CameraOptions = field(default_factory=CameraOptions)


def tune(
    network: AppearanceNet, known: Known, out: Path, options: TuneOptions, report: Callable[[Row], None]
) -> AppearanceNet:
    """Return the network tuned, the average of its last steps; `out` keeps the state to go on from after a kill."""
    tuned = TunedNet()
    tuned.load_state_dict(network.state_dict())
    loop = LoopOptions(
        options.steps,
        options.last_steps,
        options.learning_rate,
        warm_up_steps=20,
        average=0.99,
        seed=options.seed,
        threads=options.threads,
        loaders=0,
        save_every_s=20.0,
        report_every=50,
    )
    recipe = json.dumps({**asdict(options), "threads": 1, "known": known.digest()}, sort_keys=True)
    lessons = Lessons(_Batches(known, options), _Losses(copy.deepcopy(network).eval(), options), recipe)
    return train(tuned, lessons, out, loop, report)


class TunedNet(AppearanceNet):
    """The network with its norms by batch held still: their figures stand for far more pictures than are at hand."""

    def train(self, mode: bool = True) -> "TunedNet":
        """Let everything learn but the figures of the norms."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.eval()
        return self


@dataclass(frozen=True, slots=True)
class _Batch:
    """Normalised pictures (n, 3, s, s), their vehicles (n,), and which pairs are rivals (n, n)."""

    pictures: Tensor
    vehicle: Tensor
    rivals: Tensor


@dataclass(frozen=True, slots=True)
class _Losses:
    """What is wrong with what the network says of a batch; `start` is the network as it was."""

    start: AppearanceNet
    options: TuneOptions

    def __call__(self, network: AppearanceNet, batch: _Batch) -> Mapping[str, Tensor]:
        device = next(network.parameters()).device
        pictures = batch.pictures.to(device, memory_format=torch.channels_last)
        vehicle, rivals = batch.vehicle.to(device), batch.rivals.to(device)
        with torch.no_grad():
            before = self.start.to(device)(pictures)
        now = network(pictures)
        moved = 1 - functional.cosine_similarity(now.vector.float(), before.vector.float()).mean()
        heads = [(now.type_logits, before.type_logits), (now.colour_logits, before.colour_logits)]
        told = [functional.mse_loss(new.float(), old.float()) for new, old in [*heads, (now.heading, before.heading)]]
        return {
            "triplet": losses.batch_hard_triplet(now.before_neck.float(), vehicle, rivals),
            "circle": self.options.circle * losses.circle(now.after_neck.float(), vehicle, rivals),
            "stay": self.options.stay * moved,
            "heads": 0.1 * torch.stack(told).sum(),
        }


@dataclass(frozen=True, slots=True)
class _Batches:
    """Make the batch of any step; a vehicle is followed by one of its rivals, so that there is something to tell."""

    known: Known
    options: TuneOptions

    def __call__(self, step: int) -> _Batch:
        rng = np.random.default_rng([self.options.seed, 41, step])
        vehicles = self._drawn(rng)
        rows = np.concatenate([self._pictures(vehicle, rng) for vehicle in vehicles])
        shown = [as_another_camera(self.known.pictures[row], self.options.camera, rng)[0] for row in rows.tolist()]
        own = self.known.vehicle[rows]
        rivals = self.known.rivals[np.ix_(own, own)]
        return _Batch(normalise(np.stack(shown)), torch.from_numpy(own), torch.from_numpy(rivals))

    def _drawn(self, rng: np.random.Generator) -> list[int]:
        """Return vehicles, most of them known on two cameras, each followed by a rival if it has one."""
        linked = rng.permutation(_linked(self.known)).tolist()
        others = rng.permutation(np.unique(self.known.vehicle)).tolist()
        wanted = self.options.vehicles
        chosen: dict[int, None] = {}
        for vehicle in [*linked[: round(LINKED_SHARE * wanted)], *others]:
            if len(chosen) >= wanted:
                break
            chosen[vehicle] = None
            rivals = np.flatnonzero(self.known.rivals[vehicle])
            if len(rivals) and len(chosen) < wanted and vehicle not in linked:
                chosen[int(rng.choice(rivals))] = None
        return list(chosen)

    def _pictures(self, vehicle: int, rng: np.random.Generator) -> Numbers:
        """Return rows of one vehicle, from as many cameras as it was seen on; again the same where it has too few."""
        rows = rng.permutation(np.flatnonzero(self.known.vehicle == vehicle))
        cameras = self.known.camera[rows]
        turn = np.array([int((cameras[:place] == camera).sum()) for place, camera in enumerate(cameras)])
        return np.resize(rows[np.argsort(turn, kind="stable")], self.options.pictures_of_vehicle)


def _linked(known: Known) -> Numbers:
    """Return the vehicles that are known on two cameras or more."""
    pairs = np.unique(np.stack([known.vehicle, known.camera]), axis=1)
    vehicles, cameras = np.unique(pairs[0], return_counts=True)
    return vehicles[cameras > 1]
