"""Define the network that turns pictures of vehicles into vectors: residual, with mixed norms, GeM and BNNeck."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.vehicle import COLOURS, VEHICLE_TYPES


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How wide and deep the net is; each block is (channels, stride, mixed norm?)."""

    dims: int = 256
    stem_channels: int = 40
    blocks: tuple[tuple[int, int, bool], ...] = (
        (64, 2, True),
        (64, 1, True),
        (128, 2, True),
        (128, 1, False),
        (192, 1, False),
    )


class AppearanceOutput(NamedTuple):
    """The outputs of the network for n pictures; rows of `vector` have length 1.

    `before_neck` (n, d) is for distances while training, `after_neck` (n, d) for the classifier, `vector` for search.
    """

    before_neck: Tensor
    after_neck: Tensor
    vector: Tensor
    type_logits: Tensor
    colour_logits: Tensor
    heading: Tensor
    """(n, 2): cosine and sine of the heading in the picture, unscaled."""


class MixedNorm(nn.Module):
    """Normalise half of the channels by picture and half by batch (IBN-a; Pan et al., "Two at Once", ECCV 2018).

    The half normalised by picture ignores a camera's exposure and colour cast, the other half keeps the paint.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.by_picture_channels = channels // 2
        self.by_picture = nn.InstanceNorm2d(self.by_picture_channels, affine=True)
        self.by_batch = nn.BatchNorm2d(channels - self.by_picture_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (n, c, h, w) normalised."""
        first, second = torch.split(x, [self.by_picture_channels, x.shape[1] - self.by_picture_channels], dim=1)
        return torch.cat([self.by_picture(first), self.by_batch(second)], dim=1)


class ResidualBlock(nn.Module):
    """A residual block of two 3x3 convolutions (He et al., 2016), shrinking by the stride."""

    def __init__(self, channels_in: int, channels: int, stride: int, *, mixed: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.first_norm = MixedNorm(channels) if mixed else nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.past = _shortcut(channels_in, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (n, c, h, w) after the block."""
        refined = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(refined)) + self.past(x))


class GeneralisedMean(nn.Module):
    """Pool between mean and maximum, with a learned power (GeM; Radenovic et al., 2018, equation 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor(3.0))

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c) of x (n, c, h, w), in full precision: powers of half floats overflow."""
        return x.float().clamp(min=1e-5).pow(self.power).mean((2, 3)).pow(1.0 / self.power)


class VehicleNet(nn.Module, ABC):
    """A network that turns pictures into vectors, types, colours and headings."""

    @abstractmethod
    def forward(self, pictures: Tensor) -> AppearanceOutput:
        """Return the outputs for normalised pictures (n, 3, h, w)."""


class HeadedNet(VehicleNet):
    """A network whose pooled features are projected to a vector and give type, colour and heading."""

    def add_heads(self, channels: int, dims: int) -> None:
        """Add the projection of so many pooled channels, its neck, and the heads."""
        self.project = nn.Linear(channels, dims, bias=False)
        # BNNeck (Luo et al., "Bag of Tricks", 2019): distances before it, angles after it, so no shift
        self.neck = nn.BatchNorm1d(dims)
        self.neck.bias.requires_grad_(False)
        self.type_head = nn.Linear(channels, len(VEHICLE_TYPES))
        self.colour_head = nn.Linear(channels, len(COLOURS))
        self.heading_head = nn.Linear(channels, 2)

    @abstractmethod
    def pooled(self, pictures: Tensor) -> Tensor:
        """Return the pooled features (n, channels), the input of the projection and the heads."""

    def projected(self, pooled: Tensor) -> Tensor:
        """Return the vectors before the neck."""
        vectors: Tensor = self.project(pooled)
        return vectors

    def outputs_of(self, pooled: Tensor) -> AppearanceOutput:
        """Return the outputs for pooled features (n, channels)."""
        before = self.projected(pooled)
        after = self.neck(before)
        return AppearanceOutput(
            before,
            after,
            functional.normalize(after, dim=1),
            self.type_head(pooled),
            self.colour_head(pooled),
            self.heading_head(pooled),
        )

    def forward(self, pictures: Tensor) -> AppearanceOutput:
        """Return the outputs for normalised pictures (n, 3, h, w)."""
        return self.outputs_of(self.pooled(pictures))


class AppearanceNet(HeadedNet):
    """Turn pictures into vectors, and predict type, colour and heading in the same pass."""

    def __init__(self, options: NetworkOptions | None = None) -> None:
        super().__init__()
        options = options or NetworkOptions()
        stem = options.stem_channels
        # patches of 6x6 in steps of 4: finer first layers would take half of the time on the CPU
        self.stem = nn.Sequential(nn.Conv2d(3, stem, 6, 4, 1, bias=False), MixedNorm(stem), nn.ReLU())
        widths = [stem, *(channels for channels, _, _ in options.blocks)]
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(before, channels, stride, mixed=mixed)
                for before, (channels, stride, mixed) in zip(widths, options.blocks, strict=False)
            )
        )
        self.pool = GeneralisedMean()
        self.add_heads(widths[-1], options.dims)

    def pooled(self, pictures: Tensor) -> Tensor:
        """Return the pooled features (n, channels), the input of the projection and the heads."""
        pooled: Tensor = self.pool(self.blocks(self.stem(pictures)))
        return pooled


def _shortcut(channels_in: int, channels: int, stride: int) -> nn.Module:
    if stride == 1 and channels_in == channels:
        return nn.Identity()
    shrink = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
    return nn.Sequential(shrink, nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels))
