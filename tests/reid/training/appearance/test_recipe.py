"""The whole recipe of the appearance weights on few pictures: what is trained on, validated and written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder  # noqa: E402
from reid.appearance.network import NetworkOptions  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.evaluation.pairs import pair_files  # noqa: E402
from reid.images import encode_jpeg  # noqa: E402
from reid.training.appearance import recipe as whole  # noqa: E402
from reid.training.appearance.batches import SamplingOptions  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops  # noqa: E402
from reid.training.appearance.recipe import AppearanceRecipe, train_appearance  # noqa: E402
from reid.training.appearance.rendered import RenderOptions  # noqa: E402
from reid.training.appearance.train import TrainOptions  # noqa: E402
from reid.training.loop import LogRow, LoopOptions, TrainingProgress  # noqa: E402
from reid.weights import Weights  # noqa: E402

_SIDE = BOX_SIDE_PX + 2 * MARGIN_PX
_LENGTH = LoopOptions(steps=2, last_steps=1, report_every=1, validate_every=1, loaders=0)
_TRAIN = TrainOptions(
    _LENGTH,
    early_side_px=48,
    network=NetworkOptions(dims=16, stem_channels=8, blocks=((8, 2, True), (16, 2, False))),
    sampling=SamplingOptions(vehicles=6, crops_of_vehicle=2),
)
_VEHICLES = 8


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Two pictures of each of 40 grey vehicles, whose names decide which part they belong to."""
    folder = tmp_path / "real"
    folder.mkdir()
    for number in range(40):
        shade = np.full((40, 60, 3), 60 + 3 * number, np.uint8)
        for camera in (1, 2):
            (folder / f"car_{number:02d}_cam{camera}.jpg").write_bytes(encode_jpeg(shade))
    return folder


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw vehicles of one colour each instead of rendering them."""
    monkeypatch.setattr(whole, "rendered_crops", lambda options, cache, report: _drawn(options.seed))


def _drawn(seed: int) -> Crops:
    vehicle = np.repeat(np.arange(_VEHICLES), 4)
    paint = np.random.default_rng(seed).integers(30, 220, (_VEHICLES, 1, 1, 3)).astype(np.uint8)
    return Crops(
        pictures=np.broadcast_to(paint[vehicle], (len(vehicle), _SIDE, _SIDE, 3)).copy(),
        vehicle=vehicle,
        model=vehicle // 4,
        camera=np.tile(np.arange(4), _VEHICLES),
        type=vehicle % 5,
        colour=vehicle % 3,
        heading_deg=np.full(len(vehicle), 90, np.float32),
        source=np.zeros(len(vehicle), np.int64),
    )


def _followed(recipe: AppearanceRecipe, out: Path) -> tuple[str, list[LogRow]]:
    rows: list[LogRow] = []
    card = train_appearance(recipe, out, out / "rendered", TrainingProgress(lambda done, count: None, rows.append))
    embedder = OnnxEmbedder(Weights(card, out / "appearance.onnx", packaged=False), EmbedderOptions())
    seen = embedder.embed(list(_drawn(9).boxes))
    assert np.linalg.norm(seen, axis=1) == pytest.approx(1, abs=1e-3)
    return card.source, rows


def test_the_train_part_is_trained_on_and_the_validation_part_scored(real: Path, tmp_path: Path) -> None:
    parts = [pair.part for pair in pair_files(real)]
    recipe = AppearanceRecipe(train=_TRAIN, more=(RenderOptions(seed=3),), real=real, real_share=0.34)
    source, rows = _followed(recipe, tmp_path / "out")
    taught = 4 * 2 * _VEHICLES + 2 * _twins(real, "train")
    assert source.endswith(f"{taught} pictures, rendered and the train part of a folder of real pairs")
    assert {"rendered_map", "real_map"} <= set(rows[-1].scores)
    assert parts.count("validation") > 0


def test_the_validation_part_can_be_trained_on_and_the_test_part_never_is(real: Path, tmp_path: Path) -> None:
    recipe = AppearanceRecipe(train=_TRAIN, real=real, real_share=0.34, real_validates=False)
    source, rows = _followed(recipe, tmp_path / "out")
    taught = 4 * _VEHICLES + 2 * _twins(real, "train", "validation")
    assert source.endswith(f"{taught} pictures, rendered and the train and validation parts of a folder of real pairs")
    assert "real_map" not in rows[-1].scores


def test_a_training_starts_from_the_weights_of_another(real: Path, tmp_path: Path) -> None:
    _followed(AppearanceRecipe(train=_TRAIN), tmp_path / "first")
    still = replace(_TRAIN, loop=replace(_LENGTH, learning_rate=0.0, weight_decay=0.0))
    _followed(AppearanceRecipe(train=still, start=tmp_path / "first" / "best.pt"), tmp_path / "second")
    first, second = (
        torch.load(tmp_path / run / "best.pt", weights_only=True)["network"]["network.project.weight"]
        for run in ("first", "second")
    )
    assert torch.equal(first, second)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"network": {"trunk.weight": torch.zeros(3)}}, tmp_path / "best.pt")
    with pytest.raises(SeeingError, match="holds no weights of this network"):
        _followed(AppearanceRecipe(train=_TRAIN, start=tmp_path / "best.pt"), tmp_path / "out")


def _twins(real: Path, *parts: str) -> int:
    """Return how many vehicles those parts become: each with two others whose lower half it gets."""
    return 3 * sum(pair.part in parts for pair in pair_files(real))
