"""Define the Siamese plate verifier: a vector and a map of each plate, and a head that compares two maps."""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.plates.networks.blocks import MAP_COLUMNS, MAP_ROWS, Trunk, TrunkOptions
from reid.plates.spelling import CHARACTERS

CHARACTER_COLUMNS = 4
"""About the width of a character on the map."""


@dataclass(frozen=True, slots=True)
class VerifierOptions:
    """How many features a plate has; `reach` is by how many columns of the map two pictures may be shifted."""

    dims: int = 160
    map_channels: int = 12
    pair_channels: int = 48
    reach: int = 3
    trunk: TrunkOptions = field(default_factory=TrunkOptions)


class PlateFeatures(NamedTuple):
    """Features of n plates: unit vectors (n, d) for the search, maps (n, c, rows, columns) for comparing pairs."""

    vector: Tensor
    map: Tensor


class VerifierNet(nn.Module):
    """Compute the features of single plates, and compare them in pairs."""

    def __init__(self, options: VerifierOptions | None = None) -> None:
        super().__init__()
        options = options or VerifierOptions()
        self.trunk = Trunk(options.trunk)
        self.to_map = nn.Conv2d(options.trunk.channels, options.map_channels, 1)
        self.to_vector = nn.Linear(options.map_channels * MAP_ROWS * MAP_COLUMNS // 2, options.dims)
        self.neck = nn.BatchNorm1d(options.dims)
        self.pairs = PairHead(options)
        self.log_scale = nn.Parameter(torch.tensor(2.5))
        """Logarithm of the factor of cosines while training."""
        self.letters = nn.Conv1d(options.trunk.channels, len(CHARACTERS) + 2, 1)
        """Reads the plate while training, which teaches the trunk faster than pairs alone; not exported."""

    def spelling(self, features: Tensor) -> Tensor:
        """Return logits (n, blank + CHARACTERS + any other, 2 * MAP_COLUMNS): upper half, then lower half."""
        upper, lower = features[:, :, : MAP_ROWS // 2 + 1].mean(2), features[:, :, MAP_ROWS // 2 :].mean(2)
        logits: Tensor = self.letters(torch.cat([upper, lower], 2))
        return logits

    def forward(self, pictures: Tensor) -> PlateFeatures:
        """Return the features of pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        return self.plate_features(self.trunk(pictures))

    def plate_features(self, features: Tensor) -> PlateFeatures:
        """Return the plate features of the trunk's feature map."""
        plate_map = self.to_map(features).float()
        # neighbouring columns are averaged: the vector should tolerate small shifts, the map should not
        vector = self.neck(self.to_vector(functional.avg_pool2d(plate_map, (1, 2)).flatten(1)).float())
        return PlateFeatures(functional.normalize(vector, dim=1), plate_map)


class PairHead(nn.Module):
    """Score whether two maps show one plate, comparing each column with the most similar of those near its place.

    Characters are compared in their places; a difference in a single place is found by the maximum over all places.
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
        """Return a score (n,) of each pair, the same in either order."""
        cosine = (a.vector * b.vector).sum(1, keepdim=True)
        return 0.5 * (self._one_way(a.map, b.map, cosine) + self._one_way(b.map, a.map, cosine))

    def _one_way(self, first: Tensor, second: Tensor, cosine: Tensor) -> Tensor:
        """Align the second map with the first and score the differences."""
        over, likeness = self._aligned(first, second)
        fit = likeness[:, None, None, :].expand(-1, 1, first.shape[2], -1)
        both = torch.cat([(first - over).abs(), first * over, first + over, fit], 1)
        differs = functional.relu(self.first(both))
        differs = functional.relu(self.second(differs)) + differs
        worst = functional.avg_pool1d(likeness[:, None], CHARACTER_COLUMNS, 1).amin((1, 2))[:, None]
        summary = [differs.mean((2, 3)), differs.amax((2, 3)), cosine, cosine * cosine]
        summary += [likeness.mean(1, keepdim=True), worst]
        score: Tensor = self.judge(torch.cat(summary, 1)).squeeze(1)
        return score

    def _aligned(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the second map with its columns moved to fit the first, and how well each fits, (n, w)."""
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
