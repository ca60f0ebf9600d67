"""Write a trained appearance network as an ONNX file with its card."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from reid.appearance.network import AppearanceNet
from reid.training.batches import MEAN, SPREAD
from reid.weights import Card, PictureInput, file_sha256, write_card

OUTPUTS = ("vector", "types", "colours", "heading")
OPSET = 17


class _Served(nn.Module):
    """The network as it is served: probabilities instead of logits, nothing that only training needs."""

    def __init__(self, network: AppearanceNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return OUTPUTS of normalised pictures (n, 3, h, w)."""
        seen = self.network(pictures)
        return seen.vector, seen.type_logits.softmax(1), seen.colour_logits.softmax(1), seen.heading


def export_onnx(network: AppearanceNet, path: Path, *, side_px: int) -> None:
    """Write the network in float32 with a free batch size; norms by batch are folded into their convolutions."""
    served = _Served(network.to("cpu", memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
    free = {name: {0: "pictures"} for name in ("pictures", *OUTPUTS)}
    with warnings.catch_warnings():
        # the exporter by tracing warns that it is the older one; the newer needs one library more and gives the same
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served,
            (torch.zeros(2, 3, side_px, side_px),),
            path,
            input_names=["pictures"],
            output_names=list(OUTPUTS),
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def write_appearance_card(onnx: Path, *, name: str, side_px: int, source: str) -> Card:
    """Write the card beside the file and return it."""
    way = PictureInput(side_px, side_px, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    card = Card(name, "appearance", file_sha256(onnx), "Apache-2.0", source, way, output="vector")
    write_card(card, onnx.with_suffix(".json"))
    return card
