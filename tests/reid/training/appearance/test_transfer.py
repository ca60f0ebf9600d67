"""Fine-tuning: what stays as ImageNet left it, what learns, and that a killed run goes on."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from reid.appearance.networks.efficientnet_lite import EfficientNetLite  # noqa: E402
from reid.training.appearance.batches import SamplingOptions  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops  # noqa: E402
from reid.training.appearance.export import export_onnx  # noqa: E402
from reid.training.appearance.transfer import (  # noqa: E402
    FROZEN_BLOCKS,
    StripedIdentities,
    TransferOptions,
    begin_as_trained,
    begin_with_imagenet,
    fine_tune,
    rate_groups,
)
from reid.training.loop import LoopOptions  # noqa: E402

_SIDE = BOX_SIDE_PX + 2 * MARGIN_PX
_LENGTH = LoopOptions(steps=3, last_steps=1, average=0.9, report_every=1, validate_every=1, save_every_s=0.0, loaders=0)
_OPTIONS = TransferOptions(_LENGTH, early_side_px=32, sampling=SamplingOptions(vehicles=3, crops_of_vehicle=2))
_NAMES = (
    ("stem.", "_conv_stem."),
    ("stem_norm.", "_bn0."),
    (".expand.", "._expand_conv."),
    (".expand_norm.", "._bn0."),
    (".depthwise.", "._depthwise_conv."),
    (".depthwise_norm.", "._bn1."),
    (".project.", "._project_conv."),
    (".project_norm.", "._bn2."),
)


def _published() -> dict[str, Tensor]:
    """Return a fresh body's weights under the published names."""
    torch.manual_seed(4)
    weights = {}
    for name, values in EfficientNetLite().state_dict().items():
        for here, there in _NAMES:
            name = name.replace(here, there) if here[0] == "." or name.startswith(here) else name
        weights[f"_{name}" if name.startswith("blocks.") else name] = values
    return weights


def _crops(vehicles: int = 6, each: int = 4) -> Crops:
    rng = np.random.default_rng(5)
    vehicle = np.repeat(np.arange(vehicles), each)
    paint = rng.integers(30, 220, (vehicles, 1, 1, 3))[vehicle]
    return Crops(
        pictures=np.clip(paint + rng.integers(-25, 25, (len(vehicle), _SIDE, _SIDE, 3)), 0, 255).astype(np.uint8),
        vehicle=vehicle,
        model=vehicle // 2,
        camera=np.tile(np.arange(each), vehicles),
        type=vehicle % 5,
        colour=vehicle % 3,
        heading_deg=np.full(len(vehicle), 90, np.float32),
        source=np.zeros(len(vehicle), np.int64),
    )


def test_every_weight_that_learns_is_in_one_group() -> None:
    identities = StripedIdentities(5)
    grouped = [id(weights) for group in rate_groups(identities) for weights in group.weights]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {id(weights) for weights in identities.parameters() if weights.requires_grad}


def test_early_layers_and_figures_of_norms_stay_and_later_ones_learn(tmp_path: Path) -> None:
    published = _published()
    network = fine_tune(
        _crops(), {}, tmp_path, _OPTIONS, lambda row: None, begin=partial(begin_with_imagenet, published=published)
    )
    own = network.body.state_dict()
    early = FROZEN_BLOCKS - 1
    assert torch.equal(own["stem.weight"], published["_conv_stem.weight"])
    assert torch.equal(own[f"blocks.{early}.project.weight"], published[f"_blocks.{early}._project_conv.weight"])
    assert torch.equal(own["blocks.15.depthwise.weight"], published["_blocks.15._depthwise_conv.weight"])
    assert torch.equal(own["blocks.15.project_norm.running_mean"], published["_blocks.15._bn2.running_mean"])
    assert not torch.equal(own["blocks.15.project.weight"], published["_blocks.15._project_conv.weight"])


def test_an_earlier_transfer_gives_the_same_vectors_to_begin_with(tmp_path: Path) -> None:
    published = _published()
    for name, values in published.items():
        # the exporter writes equal biases only once, and those of trained networks differ
        published[name] = torch.randn_like(values) if name.endswith(".bias") else values
    begin = partial(begin_with_imagenet, published=published)
    trained = fine_tune(_crops(), {}, tmp_path / "before", _OPTIONS, lambda row: None, begin=begin)
    export_onnx(trained, tmp_path / "before.onnx", side_px=BOX_SIDE_PX)
    again = StripedIdentities(_crops().vehicles)
    begin_as_trained(again, _crops(), tmp_path / "before.onnx")
    pictures = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert again.network.eval()(pictures).vector.numpy() == pytest.approx(
            trained.eval()(pictures).vector.numpy(), abs=5e-3
        )


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    published = _published()
    whole = fine_tune(
        _crops(),
        {},
        tmp_path / "whole",
        _OPTIONS,
        lambda row: None,
        begin=partial(begin_with_imagenet, published=published),
    )

    def killed_at_two(row: object) -> None:
        if getattr(row, "step", 0) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(
            _crops(),
            {},
            tmp_path / "parts",
            _OPTIONS,
            killed_at_two,
            begin=partial(begin_with_imagenet, published=published),
        )
    parts = fine_tune(
        _crops(),
        {},
        tmp_path / "parts",
        _OPTIONS,
        lambda row: None,
        begin=partial(begin_with_imagenet, published=published),
    )
    for name, value in whole.state_dict().items():
        assert value.float().numpy() == pytest.approx(parts.state_dict()[name].float().numpy(), abs=1e-3), name
