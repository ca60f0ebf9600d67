"""Define the network that locates plates: a heat map of their centres, and the corners around each.

After CenterNet (Zhou et al., "Objects as Points", 2019), with corners as offsets in place of boxes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LocatorOptions:
    """Channels at strides 2, 4, 8, 16 and 32, and of the last features."""

    widths: tuple[int, int, int, int, int] = (16, 24, 48, 80, 96)
    last: int = 64


@dataclass(frozen=True, slots=True)
class LocatorOutput:
    """For each cell the logit of a plate's centre (n, 1, h, w), and its corners (n, 8, h, w).

    Corners are x, y of top left, top right, bottom right, bottom left, in grid.OFFSET_PX from the middle of the cell.
    """

    logits: Tensor
    corners: Tensor


class LocatorNet(nn.Module):
    """Go down to stride 32 for the surroundings of a plate, and up again to stride 8 for its place."""

    def __init__(self, options: LocatorOptions | None = None) -> None:
        super().__init__()
        options = options or LocatorOptions()
        first, second, third, fourth, fifth = options.widths
        self.near = nn.Sequential(
            _conv(3, first, 2), _conv(first, second, 2), ConvResidual(second), _conv(second, third, 2),
            ConvResidual(third), ConvResidual(third),
        )  # fmt: skip
        self.middle = nn.Sequential(_conv(third, fourth, 2), *(ConvResidual(fourth) for _ in range(3)))
        self.far = nn.Sequential(_conv(fourth, fifth, 2), *(ConvResidual(fifth) for _ in range(2)))
        self.far_up = _conv(fifth, fourth, size=1)
        self.middle_up = _conv(fourth, third, size=1)
        self.join = _conv(third, options.last)
        self.heat = nn.Conv2d(options.last, 1, 1)
        self.offsets = nn.Conv2d(options.last, 8, 1)
        # plates are rare: start with a low logit, or the first steps are spent on learning that
        nn.init.constant_(self.heat.bias, -4.0)  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> LocatorOutput:
        """Return heat and corners of pictures (n, 3, h, w), scaled to -1 to 1."""
        near = self.near(pictures)
        middle = self.middle(near)
        far = self.far(middle)
        middle = middle + _twice(self.far_up(far))
        features = self.join(near + _twice(self.middle_up(middle)))
        return LocatorOutput(self.heat(features), self.offsets(features))


class ConvResidual(nn.Module):
    """A residual block of one 3x3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.seen = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same size."""
        return torch.relu(features + self.seen(features))


def _conv(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def _twice(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="nearest")
