"""Weights of others: names and shapes as published, arithmetic as written down, nothing that runs is read."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder  # noqa: E402
from reid.appearance.networks.fastreid import FastReID, FastReIDOptions, NonLocal  # noqa: E402
from reid.appearance.networks.transreid import Attention, TransReID, TransReIDOptions, deal  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.training.conversion import convert, read_weights  # noqa: E402
from reid.weights import Card, Weights, file_sha256  # noqa: E402

PUBLISHED_FASTREID = {
    "backbone.conv1.weight": (64, 3, 7, 7),
    "backbone.layer1.0.bn1.IN.weight": (32,),
    "backbone.layer1.0.bn1.BN.running_var": (32,),
    "backbone.layer1.0.downsample.0.weight": (256, 64, 1, 1),
    "backbone.layer2.3.conv2.weight": (128, 128, 3, 3),
    "backbone.NL_2.1.g.weight": (1, 512, 1, 1),
    "backbone.NL_3.2.W.0.weight": (1024, 1, 1, 1),
    "backbone.NL_3.2.W.1.running_mean": (1024,),
    "backbone.layer4.2.bn3.weight": (2048,),
    "heads.pool_layer.p": (1,),
    "heads.bottleneck.0.running_mean": (2048,),
}
PUBLISHED_TRANSREID = {
    "base.cls_token": (1, 1, 768),
    "base.pos_embed": (1, 442, 768),
    "base.sie_embed": (160, 1, 768),
    "base.patch_embed.proj.weight": (768, 3, 16, 16),
    "base.blocks.11.attn.qkv.weight": (2304, 768),
    "base.blocks.0.mlp.fc1.bias": (3072,),
    "b1.0.norm1.weight": (768,),
    "b2.1.bias": (768,),
}
VERI = TransReIDOptions(dims=768, heads=12, depth=12, stride_px=12, side_px=256, jigsaw=True, camera_vectors=160)
SMALL = TransReIDOptions(dims=128, heads=2, depth=3, stride_px=12, side_px=256, jigsaw=True, camera_vectors=6)


def scrambled(network: "torch.nn.Module") -> dict[str, "torch.Tensor"]:
    """Return weights of the network's names and shapes, random but of a size that a deep network bears."""
    rng = torch.Generator().manual_seed(1)
    drawn = {}
    for name, values in network.state_dict().items():
        chance = torch.rand(values.shape, generator=rng)
        if not values.is_floating_point():
            drawn[name] = values
        elif name.endswith(("running_var", ".p")):
            drawn[name] = 1 + chance
        else:
            drawn[name] = (chance - 0.5) * 0.1
    return drawn


@pytest.mark.parametrize(
    ("network", "published"),
    [
        pytest.param(lambda: FastReID(FastReIDOptions(True, True, True)), PUBLISHED_FASTREID, id="fastreid"),
        pytest.param(lambda: TransReID(VERI), PUBLISHED_TRANSREID, id="transreid"),
    ],
)
def test_weights_are_named_and_shaped_as_published(network, published) -> None:  # type: ignore[no-untyped-def]
    with torch.device("meta"):
        names = {name: tuple(values.shape) for name, values in network().state_dict().items()}
    assert {name: names.get(name) for name in published} == published


def test_what_the_files_leave_open_is_told_by_their_names() -> None:
    with torch.device("meta"):
        plain = FastReID(FastReIDOptions(mixed_norms=True, non_local=False, generalised_mean=False)).state_dict()
        veri = TransReID(VERI).state_dict()
    assert FastReIDOptions.of(plain) == FastReIDOptions(mixed_norms=True, non_local=False, generalised_mean=False)
    assert TransReIDOptions.of(veri) == VERI


def test_the_non_local_layer_is_the_mean_over_all_places() -> None:
    layer = NonLocal(4).eval()
    layer.load_state_dict(scrambled(layer))
    x = torch.rand(1, 4, 2, 3)
    with torch.no_grad():
        places = [(row, column) for row in range(2) for column in range(3)]
        g, theta, phi = (part(x)[0, 0] for part in (layer.g, layer.theta, layer.phi))
        added = torch.zeros(1, 1, 2, 3)
        for here in places:
            added[0, 0][here] = sum(theta[here] * phi[there] * g[there] for there in places) / len(places)
        assert torch.allclose(layer(x), x + layer.W(added), atol=1e-6)


def test_attention_is_that_of_torch() -> None:
    ours = Attention(16, 2)
    theirs = torch.nn.MultiheadAttention(16, 2, batch_first=True)
    theirs.in_proj_weight.data, theirs.in_proj_bias.data = ours.qkv.weight.data, ours.qkv.bias.data
    theirs.out_proj.weight.data, theirs.out_proj.bias.data = ours.proj.weight.data, ours.proj.bias.data
    x = torch.rand(2, 5, 16)
    assert torch.allclose(ours(x), theirs(x, x, x, need_weights=False)[0], atol=1e-5)


def test_patches_are_moved_round_and_dealt_in_turn() -> None:
    x = torch.arange(23.0)[None, :, None]
    order = deal(x)[0, :, 0].tolist()
    moved = [*range(8, 23), *range(1, 8)]
    assert order == [value for pair in zip(moved[:11], moved[11:], strict=True) for value in pair]


def test_a_file_that_runs_is_refused(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "it ran",))

    file = tmp_path / "weights.pth"
    torch.save({"model": Runs()}, file)
    with pytest.raises(SeeingError, match="nothing of it was run"):
        read_weights(file)
    assert not (tmp_path / "it ran").exists()


def test_weights_of_another_family_are_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    torch.save({"model": {"backbone.conv1.weight": torch.zeros(64, 3, 7, 7)}}, file)
    for family in ("fastreid-r50", "transreid"):
        with pytest.raises(SeeingError, match=f"holds no weights of {family}") as caught:
            convert(file, family, tmp_path / "out.onnx")
        assert "\n" not in str(caught.value)


def test_a_converted_file_answers_as_the_network(tmp_path: Path) -> None:
    network = TransReID(SMALL).eval()
    weights = scrambled(network)
    network.load_state_dict(weights)
    file = tmp_path / "small.pth"
    torch.save(
        {f"module.{name}": values for name, values in weights.items()} | {"classifier.weight": torch.ones(3, 5)}, file
    )
    assert_converted(network, file, "transreid", tmp_path)


@pytest.mark.slow
def test_a_converted_resnet_answers_as_the_network(tmp_path: Path) -> None:
    network = FastReID(FastReIDOptions(mixed_norms=True, non_local=True, generalised_mean=True)).eval()
    weights = scrambled(network)
    network.load_state_dict(weights)
    file = tmp_path / "r50.pth"
    torch.save({"model": {**weights, "pixel_mean": torch.zeros(1, 3, 1, 1), "heads.weight": torch.ones(3, 5)}}, file)
    assert_converted(network, file, "fastreid-r50", tmp_path)


def assert_converted(network: "torch.nn.Module", file: Path, family: str, folder: Path) -> None:
    picture = convert(file, family, folder / "net.onnx")
    card = Card("net", "appearance", file_sha256(folder / "net.onnx"), "", "", picture)
    embedder = OnnxEmbedder(Weights(card, folder / "net.onnx", packaged=False), EmbedderOptions(threads=1))
    shown = np.random.default_rng(2).integers(0, 256, (1, picture.height_px, picture.width_px, 3)).astype(np.uint8)
    normed = (torch.from_numpy(shown).permute(0, 3, 1, 2).float() - torch.tensor(picture.mean)[:, None, None]) / (
        torch.tensor(picture.spread)[:, None, None]
    )
    with torch.no_grad():
        vector = torch.nn.functional.normalize(network(normed), dim=1).numpy()
    assert float((embedder.embed(list(shown)) * vector).sum()) > 1 - 1e-4
