"""Define the network that corrects the corners of a plate, and says whether it is one, from a rough cut of it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reid.plates.networks.blocks import levelled
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX

_SHRINKS = 8


@dataclass(frozen=True, slots=True)
class CornersOptions:
    """Channels at strides 2, 4 and 8, channels kept per place, and width of the hidden layer over all places."""

    widths: tuple[int, int, int] = (24, 32, 64)
    kept: int = 16
    hidden: int = 128


@dataclass(frozen=True, slots=True)
class CornersOutput:
    """Offsets of the corners (n, 8) in shares of the plate's width and height, and the logit of a plate (n,)."""

    offsets: Tensor
    logits: Tensor


class CornersNet(nn.Module):
    """Convolve to stride 8, then connect all places: the corners depend on where in the cut an edge is."""

    def __init__(self, options: CornersOptions | None = None) -> None:
        super().__init__()
        options = options or CornersOptions()
        first, second, third = options.widths
        self.seen = nn.Sequential(
            _conv(3, first, 2), _conv(first, second, 2), _conv(second, second), _conv(second, third, 2),
            _conv(third, third), _conv(third, third), _conv(third, options.kept, size=1),
        )  # fmt: skip
        places = (CUT_HEIGHT_PX // _SHRINKS) * (CUT_WIDTH_PX // _SHRINKS)
        self.all = nn.Sequential(nn.Linear(options.kept * places, options.hidden), nn.ReLU())
        self.said = nn.Linear(options.hidden, 9)

    def forward(self, cuts: Tensor) -> CornersOutput:
        """Return offsets and logits of rough cuts (n, 3, CUT_HEIGHT_PX, CUT_WIDTH_PX), scaled to -1 to 1."""
        outputs = self.said(self.all(torch.flatten(self.seen(levelled(cuts)), 1)))
        return CornersOutput(outputs[:, :8], outputs[:, 8])


def _conv(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
