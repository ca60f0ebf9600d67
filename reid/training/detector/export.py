"""Write a trained detector as an ONNX file with its card."""

from pathlib import Path

import torch
from torch import Tensor, nn

from reid.detect.channels import CHANNELS
from reid.detect.learned import SHOWN_HEIGHT_PX, SHOWN_WIDTH_PX
from reid.detect.network import DetectorNet, flattened
from reid.training.onnx_file import Ports, write_onnx
from reid.weights import Card, PictureInput, file_sha256, write_card

PORTS = Ports(
    inputs=["channels"],
    outputs=["places"],
    free={"channels": {0: "pictures", 1: "height", 2: "width"}, "places": {0: "pictures", 1: "places"}},
)


class _Served(nn.Module):
    """The network as it is served: all strides in one table."""

    def __init__(self, network: DetectorNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, channels: Tensor) -> Tensor:
        """Return (n, places, numbers)."""
        return flattened(self.network(channels))


def export_detector(network: DetectorNet, path: Path) -> None:
    """Write the network for pictures of any size, its numbers in half precision."""
    example = torch.zeros(1, 64, 96, CHANNELS, dtype=torch.uint8)
    write_onnx(_Served(network), (example,), path, PORTS, half=True)


def write_detector_card(path: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    way = PictureInput(SHOWN_WIDTH_PX, SHOWN_HEIGHT_PX, "RGB")
    card = Card(name, "detector", file_sha256(path), "Apache-2.0", source, way, output="places")
    write_card(card, path.with_suffix(".json"))
    return card
