"""Define the Siamese plate verifier: a vector and a map of each plate, and a head that lays one map over another."""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.plates.alphabet import CHARACTERS
from reid.plates.networks.blocks import MAP_COLUMNS, MAP_ROWS, Trunk, TrunkOptions

CHARACTER_COLUMNS = 4
"""About as wide as a character is on the map."""


@dataclass(frozen=True, slots=True)
class VerifierOptions:
    """How much is kept of a plate; `reach` is how many columns of the map two pictures may be shifted by."""

    dims: int = 160
    map_channels: int = 12
    pair_channels: int = 48
    reach: int = 3
    trunk: TrunkOptions = field(default_factory=TrunkOptions)


class PlateFeatures(NamedTuple):
    """What is kept of n plates: unit vectors (n, d) to search by, maps (n, c, rows, columns) to compare by."""

    vector: Tensor
    map: Tensor


class VerifierNet(nn.Module):
    """Look at plates one by one; compare what was seen in pairs."""

    def __init__(self, options: VerifierOptions | None = None) -> None:
        super().__init__()
        options = options or VerifierOptions()
        self.trunk = Trunk(options.trunk)
        self.to_map = nn.Conv2d(options.trunk.channels, options.map_channels, 1)
        self.to_vector = nn.Linear(options.map_channels * MAP_ROWS * MAP_COLUMNS // 2, options.dims)
        self.neck = nn.BatchNorm1d(options.dims)
        self.pairs = PairHead(options)
        self.log_scale = nn.Parameter(torch.tensor(2.5))
        """Logarithm of what cosines are multiplied by while training."""
        self.letters = nn.Conv1d(options.trunk.channels, len(CHARACTERS) + 2, 1)
        """Spells the plate while training: it teaches the trunk faster than pairs alone; it is not served."""

    def spelling(self, features: Tensor) -> Tensor:
        """Return logits (n, nothing + CHARACTERS + any other, 2 * MAP_COLUMNS): upper half, then lower half."""
        upper, lower = features[:, :, : MAP_ROWS // 2 + 1].mean(2), features[:, :, MAP_ROWS // 2 :].mean(2)
        logits: Tensor = self.letters(torch.cat([upper, lower], 2))
        return logits

    def forward(self, pictures: Tensor) -> PlateFeatures:
        """Return the looks of pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        return self.looks(self.trunk(pictures))

    def looks(self, features: Tensor) -> PlateFeatures:
        """Return the looks of what the trunk saw."""
        seen = self.to_map(features).float()
        # neighbouring columns are averaged: a vector shall forgive small shifts, the map shall not
        vector = self.neck(self.to_vector(functional.avg_pool2d(seen, (1, 2)).flatten(1)).float())
        return PlateFeatures(functional.normalize(vector, dim=1), seen)


class PairHead(nn.Module):
    """Judge whether two maps show one plate, each column compared with the best of those near its place.

    Characters are compared where they stand; what differs in one place only is found by the largest difference.
    """

    def __init__(self, options: VerifierOptions) -> None:
        super().__init__()
        channels = options.pair_channels
        self.reach = options.reach
        self.sharpness = nn.Parameter(torch.tensor(8.0))
        self.first = nn.Conv2d(3 * options.map_channels + 1, channels, 3, 1, 1)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1)
        self.judge = nn.Sequential(nn.Linear(2 * channels + 4, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, a: PlateFeatures, b: PlateFeatures) -> Tensor:
        """Return a score (n,) of each pair, the same whichever stands first."""
        cosine = (a.vector * b.vector).sum(1, keepdim=True)
        return 0.5 * (self._one_way(a.map, b.map, cosine) + self._one_way(b.map, a.map, cosine))

    def _one_way(self, first: Tensor, second: Tensor, cosine: Tensor) -> Tensor:
        """Lay the second map over the first and judge what differs."""
        over, likeness = self._laid_over(first, second)
        fit = likeness[:, None, None, :].expand(-1, 1, first.shape[2], -1)
        both = torch.cat([(first - over).abs(), first * over, first + over, fit], 1)
        differs = functional.relu(self.first(both))
        differs = functional.relu(self.second(differs)) + differs
        worst = functional.avg_pool1d(likeness[:, None], CHARACTER_COLUMNS, 1).amin((1, 2))[:, None]
        told = [differs.mean((2, 3)), differs.amax((2, 3)), cosine, cosine * cosine]
        told += [likeness.mean(1, keepdim=True), worst]
        score: Tensor = self.judge(torch.cat(told, 1)).squeeze(1)
        return score

    def _laid_over(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the second map with its columns moved to where they fit the first, and how well each fits, (n, w)."""
        channels, rows, width = first.shape[1:]
        as_columns = (-1, channels * rows, width)
        mine = functional.normalize(first.reshape(as_columns), dim=1)
        theirs = functional.pad(functional.normalize(second.reshape(as_columns), dim=1), (self.reach, self.reach))
        shifted = functional.pad(second, (self.reach, self.reach))
        places = range(2 * self.reach + 1)
        likeness = torch.stack([(mine * theirs[:, :, k : k + width]).sum(1) for k in places], 1)
        weight = (likeness * self.sharpness).softmax(1)
        over = torch.stack([weight[:, k, None, None, :] * shifted[:, :, :, k : k + width] for k in places]).sum(0)
        return over, (weight * likeness).sum(1)
