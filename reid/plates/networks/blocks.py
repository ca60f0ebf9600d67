"""Define the trunk shared by the plate reader and the plate verifier: a rectified plate in, a feature map out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.plates.networks.grid import MEAN, SPREAD
from reid.vehicle import Image

HEIGHT_PX, WIDTH_PX = 40, 128
MAP_ROWS, MAP_COLUMNS = 5, 32
GROUP_CHANNELS = 16
"""Channels per group of the second convolution of a block: a third of the cost, hardly less accurate."""


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
        """Return the number of channels of the map."""
        return self.blocks[-1][0]


class GroupedResidual(nn.Module):
    """A residual block of a 3x3 and a grouped 3x3 convolution, shrinking by the strides."""

    def __init__(self, channels_in: int, channels: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        groups = channels // GROUP_CHANNELS
        self.first = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, groups=groups, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.past = _shortcut(channels_in, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (n, c, h, w) after the block."""
        refined = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(refined)) + self.past(x))


class Trunk(nn.Module):
    """Turn rectified plates into feature maps."""

    def __init__(self, options: TrunkOptions | None = None) -> None:
        super().__init__()
        options = options or TrunkOptions()
        stem = options.stem_channels
        self.stem = nn.Sequential(nn.Conv2d(3, stem, 5, 2, 2, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        widths = [stem, *(channels for channels, _, _ in options.blocks)]
        self.blocks = nn.Sequential(
            *(
                GroupedResidual(before, channels, (down, across))
                for before, (channels, down, across) in zip(widths, options.blocks, strict=False)
            )
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the map (n, c, MAP_ROWS, MAP_COLUMNS) of pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        features: Tensor = self.blocks(self.stem(levelled(pictures)))
        return features


def levelled(pictures: Tensor) -> Tensor:
    """Return pictures at one brightness and contrast; colours keep their relations.

    A plate's text does not depend on exposure; a night picture of low contrast becomes as strong as one by day.
    """
    mean = pictures.mean((1, 2, 3), keepdim=True)
    centred = pictures - mean
    spread = torch.sqrt((centred * centred).mean((1, 2, 3), keepdim=True) + 1e-3)
    return centred / spread


def as_input(pictures: Image, device: torch.device) -> Tensor:
    """Return pictures (n, h, w, 3) as (n, 3, h, w), -1 to 1."""
    planes = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float()
    return ((planes - MEAN) / SPREAD).contiguous(memory_format=torch.channels_last)


def _shortcut(channels_in: int, channels: int, stride: tuple[int, int]) -> nn.Module:
    if stride == (1, 1) and channels_in == channels:
        return nn.Identity()
    shrink = nn.AvgPool2d(stride) if stride != (1, 1) else nn.Identity()
    return nn.Sequential(shrink, nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels))
