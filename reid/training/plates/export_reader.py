"""Fit how sure the trained plate reader may be, and write it as an ONNX file with its card."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.grid import MEAN, SPREAD
from reid.plates.networks.reader import END, PLACES, ReaderNet
from reid.training.onnx_file import Ports, write_onnx
from reid.training.plates.picture_input import as_input
from reid.training.plates.readings import Texts
from reid.weights import Card, PictureInput, file_sha256, write_card

TASK = "plate reader"
_TEMPERATURES = np.exp(np.linspace(np.log(0.5), np.log(3.0), 60))


class _Served(nn.Module):
    """The network as it is served: calibrated probabilities of each place."""

    def __init__(self, network: ReaderNet, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, PLACES, END + 1)."""
        logits: Tensor = self.network(pictures).characters / self.temperature
        return logits.softmax(2)


@torch.no_grad()
def fit_temperature(network: ReaderNet, batches: Sequence[Texts]) -> float:
    """Return the temperature under which the true texts of pictures that training never saw are most probable.

    Guo et al., "On calibration of modern neural networks", 2017, section 4.
    """
    network.eval()
    device = network.slots.device
    logits = torch.cat([network(as_input(batch.pictures, device)).characters.float().cpu() for batch in batches])
    classes = torch.from_numpy(np.concatenate([batch.classes for batch in batches]))
    counted = torch.arange(PLACES) <= (classes != END).sum(1, keepdim=True)
    likely = [_log_likelihood(logits / float(value), classes, counted) for value in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmax(likely))])


def export_reader(network: ReaderNet, path: Path, *, temperature: float) -> None:
    """Write the network for any number of rectified plates."""
    free = {name: {0: "plates"} for name in ("pictures", "characters")}
    ports = Ports(("pictures",), ("characters",), free)
    served = _Served(network, temperature).eval()
    write_onnx(served, (torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX),), path, ports, half=True)


def write_reader_card(onnx: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    way = PictureInput(WIDTH_PX, HEIGHT_PX, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    card = Card(name, TASK, file_sha256(onnx), "Apache-2.0", source, way, output="characters")
    write_card(card, onnx.with_suffix(".json"))
    return card


def _log_likelihood(logits: Tensor, classes: Tensor, counted: Tensor) -> float:
    said = logits.log_softmax(2).gather(2, classes[..., None])[..., 0]
    return float((said * counted).sum() / len(classes))
