"""Write the plate verifier as one ONNX file, looks and comparison in it, with its card."""

from pathlib import Path

import torch
from torch import Tensor, nn

from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.grid import MEAN, SPREAD
from reid.plates.networks.verifier import PlateFeatures, VerifierNet
from reid.plates.verify import TASK
from reid.training.onnx_file import Ports, write_onnx
from reid.weights import Card, PictureInput, file_sha256, write_card

_LOOKS = ("vector", "map")
_PAIRS = ("vector_a", "map_a", "vector_b", "map_b")


class _Served(nn.Module):
    """Both halves of the network: looks of some plates, scores of some pairs, either of which may be none."""

    def __init__(self, network: VerifierNet) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, pictures: Tensor, vector_a: Tensor, map_a: Tensor, vector_b: Tensor, map_b: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return vectors and maps of the pictures, and a score of each pair."""
        looks = self.network(pictures)
        score = self.network.pairs(PlateFeatures(vector_a, map_a), PlateFeatures(vector_b, map_b))
        return looks.vector, looks.map, score


def export_verifier(network: VerifierNet, path: Path) -> None:
    """Write the network; what only training needs stays behind."""
    pictures = torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX)
    served = _Served(network.to("cpu")).eval()
    with torch.no_grad():
        looks = network(pictures)
    free = {name: {0: "plates"} for name in ("pictures", *_LOOKS)} | {name: {0: "pairs"} for name in (*_PAIRS, "score")}
    ports = Ports(("pictures", *_PAIRS), (*_LOOKS, "score"), free)
    write_onnx(served, (pictures, looks.vector, looks.map, looks.vector, looks.map), path, ports, half=True)


def write_verifier_card(onnx: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    way = PictureInput(WIDTH_PX, HEIGHT_PX, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    card = Card(name, TASK, file_sha256(onnx), "Apache-2.0", source, way, output="vector")
    write_card(card, onnx.with_suffix(".json"))
    return card
