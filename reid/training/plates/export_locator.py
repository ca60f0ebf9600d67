"""Write the locator's two networks as ONNX files with their cards."""

from pathlib import Path

import torch
from torch import Tensor, nn

from reid.plates.networks.corners import CornersNet
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX, MEAN, MULTIPLE_PX, SPREAD
from reid.plates.networks.locator import LocatorNet
from reid.training.onnx_file import Ports, write_onnx
from reid.weights import Card, PictureInput, file_sha256, write_card

TASK = "plate locator"
SIDE_PX = 160


class _ServedLocator(nn.Module):
    """The locator as it is served: heat as 0 to 1."""

    def __init__(self, network: LocatorNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return heat (n, h, w) and corners (n, 8, h, w)."""
        said = self.network(pictures)
        return said.logits[:, 0].sigmoid(), said.corners


class _ServedCorners(nn.Module):
    """The network for corners as it is served: what is a plate as 0 to 1."""

    def __init__(self, network: CornersNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, cuts: Tensor) -> tuple[Tensor, Tensor]:
        """Return offsets (n, 8) and chances (n,)."""
        said = self.network(cuts)
        return said.offsets, said.logits.sigmoid()


def export_locator(network: LocatorNet, path: Path) -> None:
    """Write the locator for any number of pictures of any size in multiples of grid.MULTIPLE_PX."""
    free = {"pictures": {0: "n", 2: "high", 3: "wide"}, "heat": {0: "n"}, "corners": {0: "n"}}
    example = torch.zeros(1, 3, 2 * MULTIPLE_PX, 3 * MULTIPLE_PX)
    ports = Ports(("pictures",), ("heat", "corners"), free)
    write_onnx(_ServedLocator(network).eval(), (example,), path, ports, half=True)


def export_corners(network: CornersNet, path: Path) -> None:
    """Write the network for corners, for any number of cuts."""
    free = {name: {0: "n"} for name in ("cuts", "offsets", "chance")}
    example = torch.zeros(2, 3, CUT_HEIGHT_PX, CUT_WIDTH_PX)
    ports = Ports(("cuts",), ("offsets", "chance"), free)
    write_onnx(_ServedCorners(network).eval(), (example,), path, ports, half=True)


def write_locator_card(onnx: Path, *, name: str, source: str, size_px: tuple[int, int], output: str) -> Card:
    """Write the card beside the file and return it; `size_px` is width and height."""
    way = PictureInput(*size_px, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    card = Card(name, TASK, file_sha256(onnx), "Apache-2.0", source, way, output=output)
    write_card(card, onnx.with_suffix(".json"))
    return card
