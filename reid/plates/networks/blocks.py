"""Define the trunk that the plate reader and the plate verifier share: a rectified plate in, a small map out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

HEIGHT_PX, WIDTH_PX = 40, 128
MAP_ROWS, MAP_COLUMNS = 5, 32
GROUP_CHANNELS = 16
"""Channels that the second convolution of a block mixes at a time: a third of the cost, hardly less learned."""


@dataclass(frozen=True, slots=True)
class TrunkOptions:
    """How wide and deep the trunk is; each block is (channels, stride down, stride across)."""

    stem_channels: int = 32
    blocks: tuple[tuple[int, int, int], ...] = (
        (48, 2, 2),
        (48, 1, 1),
        (96, 2, 1),
        (96, 1, 1),
        (128, 1, 1),
        (128, 1, 1),
    )

    @property
    def channels(self) -> int:
        """Return how many channels the map has."""
        return self.blocks[-1][0]


class Residual(nn.Module):
    """Add a 3x3 and a grouped 3x3 convolution to what passes by, shrinking by the strides."""

    def __init__(self, channels_in: int, channels: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        groups = channels // GROUP_CHANNELS
        self.first = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, groups=groups, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.past = _shortcut(channels_in, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (n, c, h, w) refined."""
        refined = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(refined)) + self.past(x))


class Trunk(nn.Module):
    """Turn rectified plates into maps of what stands where."""

    def __init__(self, options: TrunkOptions | None = None) -> None:
        super().__init__()
        options = options or TrunkOptions()
        stem = options.stem_channels
        self.stem = nn.Sequential(nn.Conv2d(3, stem, 5, 2, 2, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        widths = [stem, *(channels for channels, _, _ in options.blocks)]
        self.blocks = nn.Sequential(
            *(
                Residual(before, channels, (down, across))
                for before, (channels, down, across) in zip(widths, options.blocks, strict=False)
            )
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the map (n, c, MAP_ROWS, MAP_COLUMNS) of pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        features: Tensor = self.blocks(self.stem(levelled(pictures)))
        return features


def levelled(pictures: Tensor) -> Tensor:
    """Return pictures at one brightness and contrast; colours keep their relations.

    What a plate says does not hang on exposure; a night picture of little contrast is shown as strongly as one by day.
    """
    mean = pictures.mean((1, 2, 3), keepdim=True)
    centred = pictures - mean
    spread = torch.sqrt((centred * centred).mean((1, 2, 3), keepdim=True) + 1e-3)
    return centred / spread


def _shortcut(channels_in: int, channels: int, stride: tuple[int, int]) -> nn.Module:
    if stride == (1, 1) and channels_in == channels:
        return nn.Identity()
    shrink = nn.AvgPool2d(stride) if stride != (1, 1) else nn.Identity()
    return nn.Sequential(shrink, nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels))
