"""EfficientNet-Lite0: names and shapes as published, padding as TensorFlow pads, ONNX equal to torch."""

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder  # noqa: E402
from reid.appearance.networks.efficientnet_lite import (  # noqa: E402
    DIMS,
    LAST,
    MIDDLE,
    EfficientNetLite,
    PaddedConv,
    StripedNet,
    from_published,
)
from reid.errors import SeeingError  # noqa: E402
from reid.onnx import resized, to_blob  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX  # noqa: E402
from reid.training.appearance.export import export_onnx, write_appearance_card  # noqa: E402
from reid.weights import Weights  # noqa: E402

BLOCKS = [
    *[(32, 32, 16, 3)],
    *[(16, 96, 24, 3), (24, 144, 24, 3)],
    *[(24, 144, 40, 5), (40, 240, 40, 5)],
    *[(40, 240, 80, 3), (80, 480, 80, 3), (80, 480, 80, 3)],
    *[(80, 480, 112, 5), (112, 672, 112, 5), (112, 672, 112, 5)],
    *[(112, 672, 192, 5), (192, 1152, 192, 5), (192, 1152, 192, 5), (192, 1152, 192, 5)],
    *[(192, 1152, 320, 3)],
]
"""Channels in, widened and out, and the kernel, of each block of the published state dict."""


def published() -> dict[str, Tensor]:
    """Return a state dict of the published names and shapes, with random numbers of a bearable size."""
    rng = torch.Generator().manual_seed(1)
    weights: dict[str, Tensor] = {}

    def add_conv(name: str, *shape: int) -> None:
        weights[f"{name}.weight"] = torch.randn(shape, generator=rng) / math.sqrt(math.prod(shape[1:]))

    def add_norm(name: str, channels: int) -> None:
        for part in ("weight", "running_var"):
            weights[f"{name}.{part}"] = 0.5 + torch.rand(channels, generator=rng)
        for part in ("bias", "running_mean"):
            weights[f"{name}.{part}"] = 0.1 * torch.randn(channels, generator=rng)
        weights[f"{name}.num_batches_tracked"] = torch.tensor(1)

    add_conv("_conv_stem", 32, 3, 3, 3)
    add_norm("_bn0", 32)
    for number, (narrow, wide, out, kernel) in enumerate(BLOCKS):
        block = f"_blocks.{number}"
        if wide != narrow:
            add_conv(f"{block}._expand_conv", wide, narrow, 1, 1)
            add_norm(f"{block}._bn0", wide)
        add_conv(f"{block}._depthwise_conv", wide, 1, kernel, kernel)
        add_norm(f"{block}._bn1", wide)
        add_conv(f"{block}._project_conv", out, wide, 1, 1)
        add_norm(f"{block}._bn2", out)
    add_conv("_conv_head", 1280, 320, 1, 1)
    add_norm("_bn1", 1280)
    add_conv("_fc", 1000, 1280)
    weights["_fc.bias"] = torch.zeros(1000)
    return weights


def test_every_published_weight_of_the_body_has_its_place() -> None:
    weights = published()
    assert len(weights) == 296
    body = EfficientNetLite()
    body.load_state_dict(from_published(weights))
    own = body.state_dict()
    assert torch.equal(own["stem.weight"], weights["_conv_stem.weight"])
    assert torch.equal(own["blocks.15.project_norm.running_var"], weights["_blocks.15._bn2.running_var"])
    assert torch.equal(own["blocks.3.expand_norm.bias"], weights["_blocks.3._bn0.bias"])


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(SeeingError, match="_conv_stem"):
        from_published({"conv1.weight": torch.zeros(1)})


@pytest.mark.parametrize("side", [96, 128, 160])
def test_maps_are_a_sixteenth_and_a_thirty_second_of_the_picture(side: int) -> None:
    with torch.no_grad():
        middle, last = EfficientNetLite().eval()(torch.randn(2, 3, side, side))
    assert middle.shape == (2, MIDDLE, side // 16, side // 16)
    assert last.shape == (2, LAST, side // 32, side // 32)


@pytest.mark.parametrize(("kernel", "first", "last"), [(3, 0, 1), (5, 1, 2)])
def test_the_odd_pixel_of_padding_lies_right_and_below(kernel: int, first: int, last: int) -> None:
    conv = PaddedConv(1, 1, kernel, 2)
    picture = torch.randn(1, 1, 8, 8)
    rim = torch.zeros(8 + first + last, 8 + first + last)
    rim[first : first + 8, first : first + 8] = picture[0, 0]
    expected = [
        [float((rim[r : r + kernel, c : c + kernel] * conv.weight[0, 0]).sum().detach()) for c in range(0, 8, 2)]
        for r in range(0, 8, 2)
    ]
    assert conv(picture)[0, 0].detach().numpy() == pytest.approx(np.array(expected), abs=1e-5)


def test_a_body_begun_and_ended_is_the_whole_body() -> None:
    body = EfficientNetLite().eval()
    pictures = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        whole, parts = body(pictures), body.end(body.begin(pictures, 5), 5)
    assert all(torch.equal(one, other) for one, other in zip(whole, parts, strict=True))


def test_onnx_gives_the_vectors_of_torch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = StripedNet().eval()
    network.body.load_state_dict(from_published(published()))
    path = tmp_path / "tiny.onnx"
    export_onnx(network, path, side_px=BOX_SIDE_PX)
    card = write_appearance_card(path, name="tiny", side_px=BOX_SIDE_PX, source="a test")
    embedder = OnnxEmbedder(Weights(card, path, packaged=False), EmbedderOptions(threads=1, pictures_at_once=4))
    rng = np.random.default_rng(2)
    pictures = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((40, 90), (200, 128), (128, 128)) * 2]
    with torch.no_grad():
        seen = network(torch.from_numpy(to_blob(resized(pictures, embedder.card.picture), embedder.card.picture)))
    served = embedder.appearance(pictures)
    assert served.vectors.shape == (6, DIMS)
    assert served.vectors == pytest.approx(seen.vector.numpy(), abs=1e-4)
    assert served.types == pytest.approx(seen.type_logits.softmax(1).numpy(), abs=1e-4)
