"""Joining: what is kept of the long vectors, and that the file gives back both networks."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder  # noqa: E402
from reid.appearance.network import AppearanceNet, VehicleNet  # noqa: E402
from reid.appearance.networks.efficientnet_lite import StripedNet  # noqa: E402
from reid.appearance.networks.joined import JoinedNet  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.training.appearance import join as whole  # noqa: E402
from reid.training.appearance.batches import normalise  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops  # noqa: E402
from reid.training.appearance.export import export_onnx, load_network, load_part  # noqa: E402
from reid.training.appearance.join import JoinRecipe, join_networks, joined  # noqa: E402
from reid.training.appearance.rendered import RenderOptions  # noqa: E402
from reid.training.loop import TrainingProgress  # noqa: E402
from reid.weights import Weights  # noqa: E402

_SIDE = BOX_SIDE_PX + 2 * MARGIN_PX


def _crops(count: int) -> Crops:
    numbers = np.arange(count)
    pictures = np.random.default_rng(4).integers(0, 256, (count, _SIDE, _SIDE, 3)).astype(np.uint8)
    return Crops(pictures, numbers, numbers, numbers, numbers, numbers, np.zeros(count, np.float32), numbers)


def _as_if_trained(network: VehicleNet) -> VehicleNet:
    """Give every norm a bias of its own: the exporter writes equal weights only once."""
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(norm.bias, std=0.1)
    return network.eval()


@torch.no_grad()
def test_as_many_directions_as_pictures_keep_their_similarities() -> None:
    torch.manual_seed(0)
    crops = _crops(6)
    network = joined(AppearanceNet().eval(), StripedNet().eval(), crops, dims=6)
    pictures = normalise(crops.boxes)
    long, short = network.side_by_side(pictures), network(pictures).vector
    assert (short @ short.T).numpy() == pytest.approx((long @ long.T).numpy(), abs=1e-4)


@torch.no_grad()
def test_the_file_serves_and_gives_back_both_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    first, second, crops = _as_if_trained(AppearanceNet()), _as_if_trained(StripedNet()), _crops(8)
    monkeypatch.setattr(whole, "rendered_crops", lambda *_: crops)
    export_onnx(first, tmp_path / "first.onnx", side_px=BOX_SIDE_PX)
    export_onnx(second, tmp_path / "second.onnx", side_px=BOX_SIDE_PX)
    recipe = JoinRecipe(tmp_path / "first.onnx", tmp_path / "second.onnx", RenderOptions())
    card = join_networks(recipe, tmp_path / "out", tmp_path, TrainingProgress(lambda *_: None, lambda _: None))
    path = tmp_path / "out" / "appearance.onnx"
    embedder = OnnxEmbedder(Weights(card, path, packaged=False), EmbedderOptions(threads=1))
    pictures = normalise(crops.boxes)
    again = load_network(path)
    assert embedder.dims == 256
    assert embedder.embed(list(crops.boxes)) == pytest.approx(again(pictures).vector.numpy(), abs=2e-3)
    for kind, original in ((AppearanceNet, first), (StripedNet, second)):
        assert load_part(path, kind)(pictures).vector.numpy() == pytest.approx(original(pictures).vector, abs=2e-2)


def test_a_part_that_a_file_does_not_hold_is_named(tmp_path: Path) -> None:
    export_onnx(_as_if_trained(AppearanceNet()), tmp_path / "first.onnx", side_px=BOX_SIDE_PX)
    with pytest.raises(SeeingError, match="holds a AppearanceNet, not a StripedNet: give another file"):
        load_part(tmp_path / "first.onnx", StripedNet)
    with pytest.raises(SeeingError, match="not a JoinedNet"):
        load_part(tmp_path / "first.onnx", JoinedNet)
