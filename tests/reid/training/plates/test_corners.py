"""False detections of a locator are collected as hard negatives."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.images import encode_jpeg  # noqa: E402
from reid.plates.networks.grid import STRIDE  # noqa: E402
from reid.plates.networks.locator import LocatorNet  # noqa: E402
from reid.training.plates.compose import ComposeOptions  # noqa: E402
from reid.training.plates.corners import (  # noqa: E402
    CornerBatches,
    HardNegative,
    find_hard_negatives,
)
from reid.training.plates.scenes import NO_PLATE, VISIBLE, PlateScene  # noqa: E402

_SIDE_PX = 160
_PLATE = np.array([[60, 80], [100, 80], [100, 100], [60, 100]], np.float32)


class HotInTheMiddle(LocatorNet):
    """Detects a plate of 40x16 px in the middle of every picture."""

    def forward(self, pictures: torch.Tensor) -> object:
        said = super().forward(pictures)
        said.logits[:] = -9.0
        said.logits[:, 0, _SIDE_PX // STRIDE // 2, _SIDE_PX // STRIDE // 2] = 3.0
        box = torch.tensor([-20, -8, 20, -8, 20, 8, -20, 8.0]) / 32
        said.corners[:] = box[None, :, None, None]
        return said


def _scene(plate: int, corners: np.ndarray) -> PlateScene:
    picture = np.full((80, 80, 3), 90, np.uint8)
    return PlateScene(encode_jpeg(picture), np.array([0, 0, 80, 80], np.float32), plate, corners)


def test_a_hot_place_without_a_plate_is_a_hard_negative_in_scene_pixels() -> None:
    far, near = _PLATE / 8, _PLATE / 2
    scenes = [_scene(VISIBLE, far), _scene(VISIBLE, near), _scene(NO_PLATE, np.zeros((4, 2), np.float32))]
    hard_negatives = find_hard_negatives(HotInTheMiddle(), scenes, _SIDE_PX)
    assert [negative.scene for negative in hard_negatives] == [0, 2]
    middle = (_SIDE_PX / 2 + STRIDE / 2) / 2
    assert hard_negatives[0].corners.mean(axis=0) == pytest.approx([middle, middle], abs=1e-3)
    assert np.ptp(hard_negatives[0].corners, axis=0) == pytest.approx([20, 8], abs=1e-3)


def test_batches_contain_hard_negatives() -> None:
    bright = np.full((80, 80, 3), 90, np.uint8)
    bright[30:50, 20:60] = (255, 0, 255)
    corners = np.array([[20, 30], [60, 30], [60, 50], [20, 50]], np.float32)
    scene = PlateScene(
        encode_jpeg(bright), np.array([0, 0, 80, 80], np.float32), NO_PLATE, np.zeros((4, 2), np.float32)
    )
    hard_negatives = (HardNegative(0, corners),)
    bare, taught = (CornerBatches((scene,), ComposeOptions(), 1, 64, some)(0) for some in ((), hard_negatives))
    # the negative as it lies in its cut: a margin of three tenths around it
    pink = [(batch.cuts[:, 20:28, 40:56] @ [1, -2, 1] / 2).mean((1, 2)) > 100 for batch in (bare, taught)]
    assert pink[1][taught.plates == 0].sum() > pink[0][bare.plates == 0].sum() + 3
