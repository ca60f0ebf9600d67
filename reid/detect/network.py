"""Define the detector: a small residual network that predicts a vehicle at each place of a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.detect.learned import CHANNELS, NO_DIFFERENCE, OUTPUTS, STRIDES

_RARE = -4.5
"""The initial logit of a vehicle: about one in a hundred."""


@dataclass(frozen=True, slots=True)
class DetectorNetOptions:
    """Channels and blocks at strides 4, 8, 16 and 32, and the channels of the heads."""

    widths: tuple[int, int, int, int] = (32, 64, 128, 192)
    blocks: tuple[int, int, int, int] = (1, 2, 3, 2)
    head: int = 64


class DetectorNet(nn.Module):
    """Predict (n, OUTPUTS, h / s, w / s) for each of STRIDES from the channels of frames, (n, h, w, CHANNELS) uint8."""

    def __init__(self, options: DetectorNetOptions | None = None) -> None:
        super().__init__()
        options = options or DetectorNetOptions()
        widths, blocks = options.widths, options.blocks
        self.stem = _convolution(CHANNELS, widths[0], 6, stride=4, padding=1)
        self.stage4 = _stage(widths[0], blocks[0])
        self.stage8 = nn.Sequential(_convolution(widths[0], widths[1], 3, stride=2), _stage(widths[1], blocks[1]))
        self.stage16 = nn.Sequential(_convolution(widths[1], widths[2], 3, stride=2), _stage(widths[2], blocks[2]))
        self.stage32 = nn.Sequential(_convolution(widths[2], widths[3], 3, stride=2), _stage(widths[3], blocks[3]))
        sides = [_convolution(width, options.head, 1) for width in widths[1:]]
        self.sides = nn.ModuleList(sides)
        self.joints = nn.ModuleList(_convolution(options.head, options.head, 3) for _ in STRIDES)
        self.heads = nn.ModuleList(_Head(options.head) for _ in STRIDES)

    def forward(self, channels: Tensor) -> list[Tensor]:
        """Return the logits and distances of every place, for each stride."""
        fine = self.stage8(self.stage4(self.stem(_centred(channels))))
        middle = self.stage16(fine)
        coarse = self.stage32(middle)
        sides = [side(level) for side, level in zip(self.sides, (fine, middle, coarse), strict=True)]
        sides[1] = sides[1] + functional.interpolate(sides[2], scale_factor=2.0)
        sides[0] = sides[0] + functional.interpolate(sides[1], scale_factor=2.0)
        joined = [joint(side) for joint, side in zip(self.joints, sides, strict=True)]
        return [head(level) for head, level in zip(self.heads, joined, strict=True)]


class _Head(nn.Module):
    """Predict at each place: vehicle or not, the distances to its sides, and its type."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = _convolution(width, width, 3)
        self.tell = nn.Conv2d(width, OUTPUTS, 1)
        nn.init.normal_(self.tell.weight, std=0.01)
        self.tell.bias = nn.Parameter(torch.tensor([_RARE, *[0.0] * (OUTPUTS - 1)]))

    def forward(self, level: Tensor) -> Tensor:
        outputs: Tensor = self.tell(self.look(level))
        return outputs


class _Block(nn.Module):
    """A bottleneck residual block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            _convolution(width, width // 2, 1),
            _convolution(width // 2, width // 2, 3),
            nn.Conv2d(width // 2, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, features: Tensor) -> Tensor:
        refined: Tensor = functional.relu(features + self.look(features))
        return refined


def _centred(channels: Tensor) -> Tensor:
    """Return (n, CHANNELS, h, w) centred on 0; the norm after the first convolution does the rest."""
    kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32
    return channels.permute(0, 3, 1, 2).to(kind) - NO_DIFFERENCE


def _stage(width: int, blocks: int) -> nn.Module:
    return nn.Sequential(*(_Block(width) for _ in range(blocks)))


def _convolution(
    from_width: int, to_width: int, side: int, *, stride: int = 1, padding: int | None = None
) -> nn.Module:
    around = side // 2 if padding is None else padding
    convolution = nn.Conv2d(from_width, to_width, side, stride, around, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(to_width), nn.ReLU(inplace=True))


def flattened(levels: Sequence[Tensor]) -> Tensor:
    """Return (n, places, OUTPUTS): the places of the finest stride first, row by row."""
    return torch.cat([level.flatten(2).transpose(1, 2) for level in levels], dim=1)
