"""What a finder takes for plates wrongly is collected, and taught to be none."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.images import encode_jpeg  # noqa: E402
from reid.plates.networks.grid import STRIDE  # noqa: E402
from reid.plates.networks.locator import LocatorNet  # noqa: E402
from reid.training.plates.compose import ComposeOptions  # noqa: E402
from reid.training.plates.corner_batches import CornerBatches  # noqa: E402
from reid.training.plates.decoys import Decoy, find_decoys  # noqa: E402
from reid.training.plates.scenes import NONE, SEEN, Scene  # noqa: E402

_SIDE_PX = 160
_PLATE = np.array([[60, 80], [100, 80], [100, 100], [60, 100]], np.float32)


class HotInTheMiddle(LocatorNet):
    """Takes the middle of every picture for a plate of 40x16 px."""

    def forward(self, pictures: torch.Tensor) -> object:
        said = super().forward(pictures)
        said.logits[:] = -9.0
        said.logits[:, 0, _SIDE_PX // STRIDE // 2, _SIDE_PX // STRIDE // 2] = 3.0
        box = torch.tensor([-20, -8, 20, -8, 20, 8, -20, 8.0]) / 32
        said.corners[:] = box[None, :, None, None]
        return said


def _scene(plate: int, corners: np.ndarray) -> Scene:
    picture = np.full((80, 80, 3), 90, np.uint8)
    return Scene(encode_jpeg(picture), np.array([0, 0, 80, 80], np.float32), plate, corners)


def test_what_is_hot_and_no_plate_is_a_decoy_in_the_pixels_of_its_scene() -> None:
    far, near = _PLATE / 8, _PLATE / 2
    scenes = [_scene(SEEN, far), _scene(SEEN, near), _scene(NONE, np.zeros((4, 2), np.float32))]
    decoys = find_decoys(HotInTheMiddle(), scenes, _SIDE_PX)
    assert [decoy.scene for decoy in decoys] == [0, 2]
    middle = (_SIDE_PX / 2 + STRIDE / 2) / 2
    assert decoys[0].corners.mean(axis=0) == pytest.approx([middle, middle], abs=1e-3)
    assert np.ptp(decoys[0].corners, axis=0) == pytest.approx([20, 8], abs=1e-3)


def test_decoys_are_among_what_is_no_plate() -> None:
    bright = np.full((80, 80, 3), 90, np.uint8)
    bright[30:50, 20:60] = (255, 0, 255)
    corners = np.array([[20, 30], [60, 30], [60, 50], [20, 50]], np.float32)
    scene = Scene(encode_jpeg(bright), np.array([0, 0, 80, 80], np.float32), NONE, np.zeros((4, 2), np.float32))
    decoys = (Decoy(0, corners),)
    bare, taught = (CornerBatches((scene,), ComposeOptions(), 1, 64, some)(0) for some in ((), decoys))
    # the decoy as it lies in its cut: a margin of three tenths around it
    pink = [(batch.cuts[:, 20:28, 40:56] @ [1, -2, 1] / 2).mean((1, 2)) > 100 for batch in (bare, taught)]
    assert pink[1][taught.plates == 0].sum() > pink[0][bare.plates == 0].sum() + 3
