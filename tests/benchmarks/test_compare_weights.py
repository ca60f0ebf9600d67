"""Weights compared on the same questions: what a row says, and what a gain over other weights is."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.compare_weights import Answers, answers
from reid.appearance.embedders import Appearance, Vectors, unit_vectors
from reid.evaluation.pairs import pair_files
from reid.images import encode_png
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops
from reid.vehicle import Image

SIDE = BOX_SIDE_PX + 2 * MARGIN_PX


class _Paint:
    """Embeds a picture as its mean colour."""

    model_id = "paint"
    dims = 3

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        return unit_vectors(np.array([picture.mean(axis=(0, 1)) for picture in pictures], dtype=np.float32))

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        return Appearance(self.embed(pictures))


class _Same(_Paint):
    """Finds all pictures alike."""

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        return np.full((len(pictures), 3), 3**-0.5, dtype=np.float32)


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Two pictures of each of six vehicles of their own colours."""
    for number, paint in enumerate([(250, 20, 20), (20, 250, 20), (20, 20, 250), (250, 250, 20), (20, 250, 250)]):
        for camera in (1, 2):
            picture = np.broadcast_to(np.array(paint, np.uint8), (40, 60, 3)).copy()
            (tmp_path / f"car_{number}_cam{camera}.jpg").write_bytes(encode_png(picture))
    return tmp_path


def _crops() -> Crops:
    """Two vehicles, each from ahead and from behind, by two cameras."""
    vehicle = np.array([0, 0, 1, 1])
    paint = np.array([[200, 10, 10], [180, 30, 20], [10, 200, 10], [30, 190, 10]], np.uint8)
    pictures = np.broadcast_to(paint[:, None, None], (4, SIDE, SIDE, 3)).copy()
    heading = np.array([0, 180, 0, 180], dtype=np.float32)
    return Crops(pictures, vehicle, vehicle, np.array([0, 1, 0, 1]), vehicle, vehicle, heading, vehicle * 0)


def test_each_kind_of_question_has_an_answer_for_each_vehicle(real: Path) -> None:
    found = answers(_Paint(), pair_files(real), _crops())
    assert {name: one.mean().value for name, one in found.items() if not name.startswith("strange")} == {
        "real all: rank-1": 1.0,
        "real all: mAP": 1.0,
        "rendered: rank-1": 1.0,
        "rendered: mAP": 1.0,
        "other view: rank-1": 1.0,
        "other view: mAP": 1.0,
    }
    # One of the six cameras takes all colour, so each question is a tie there.
    assert found["strange cameras: rank-1"].mean().value == pytest.approx(5 / 6)


def test_a_tie_past_a_strange_camera_is_a_miss(real: Path) -> None:
    assert answers(_Same(), pair_files(real), _crops())["strange cameras: rank-1"].mean().value == 0.0


def test_a_gain_is_of_the_same_questions() -> None:
    one = Answers(["a", "a", "b", "c"], np.array([1.0, 0.0, 1.0, 1.0]))
    other = Answers(["a", "a", "b", "c"], np.array([0.0, 0.0, 1.0, 1.0]))
    gain = one.gain_over(other)
    assert gain.value == 0.25
    assert gain.low == 0.0
    assert gain.high is not None
    assert gain.high > 0.25
