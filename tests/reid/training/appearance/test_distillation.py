"""What a student learns from a teacher: vectors of the same similarities, in its own space."""

from collections.abc import Sequence

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.embedders import Appearance, Vectors, unit_vectors  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops  # noqa: E402
from reid.training.appearance.distillation import (  # noqa: E402
    reduced,
    relation_loss,
    teacher_vectors,
    turned_to,
    vector_loss,
)
from reid.vehicle import Image  # noqa: E402

RNG = np.random.default_rng(0)


class _Halves:
    """Embeds a picture as the mean light of its left and of its right half."""

    model_id = "halves"
    dims = 2

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        middle = BOX_SIDE_PX // 2
        light = [[picture[:, :middle].mean(), picture[:, middle:].mean()] for picture in pictures]
        return unit_vectors(np.array(light, dtype=np.float32))

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        return Appearance(self.embed(pictures))


def _vectors(count: int, dims: int) -> Vectors:
    return unit_vectors(RNG.normal(size=(count, dims)).astype(np.float32))


def _crops(count: int) -> Crops:
    side = BOX_SIDE_PX + 2 * MARGIN_PX
    numbers = np.arange(count)
    pictures = RNG.integers(0, 255, (count, side, side, 3)).astype(np.uint8)
    pictures[:, :, : side // 2] //= 3
    heading = np.zeros(count, dtype=np.float32)
    return Crops(pictures, numbers, numbers, numbers, numbers, numbers, heading, numbers)


def test_a_teacher_sees_each_picture_and_its_mirror_image() -> None:
    crops = _crops(300)
    assert _Halves().embed(list(crops.boxes)) @ [1, -1] == pytest.approx(-0.6, abs=0.2)
    assert teacher_vectors(crops, _Halves()) == pytest.approx(np.full((300, 2), 0.5**0.5), abs=1e-3)


def test_fewer_numbers_keep_the_similarities_of_vectors_that_need_no_more() -> None:
    long = unit_vectors((_vectors(50, 8) @ RNG.normal(size=(8, 30))).astype(np.float32))
    short = reduced(long, 8)
    assert short.shape == (50, 8)
    assert short @ short.T == pytest.approx(long @ long.T, abs=1e-5)


def test_turning_keeps_similarities_and_undoes_any_rotation() -> None:
    student = _vectors(60, 6)
    rotation = np.linalg.qr(RNG.normal(size=(6, 6)))[0].astype(np.float32)
    assert turned_to(student @ rotation, student) == pytest.approx(student, abs=1e-5)


def test_a_student_like_its_teacher_has_nothing_to_learn() -> None:
    teacher = torch.from_numpy(_vectors(12, 6))
    rotation = torch.from_numpy(np.linalg.qr(RNG.normal(size=(6, 6)))[0].astype(np.float32))
    assert float(vector_loss(teacher, teacher)) == pytest.approx(0, abs=1e-6)
    assert float(relation_loss(teacher @ rotation, teacher, 0.1)) == pytest.approx(0, abs=1e-5)
    assert float(relation_loss(torch.from_numpy(_vectors(12, 6)), teacher, 0.1)) > 0.1


def test_the_relation_loss_is_the_divergence_of_each_row() -> None:
    student, teacher = _vectors(5, 3), _vectors(5, 3)
    expected = 0.0
    for row in range(5):
        others = [column for column in range(5) if column != row]
        ours, theirs = (np.exp((one[row] @ one[others].T) / 0.2) for one in (student, teacher))
        ours, theirs = ours / ours.sum(), theirs / theirs.sum()
        expected += float((theirs * np.log(theirs / ours)).sum()) / 5
    found = relation_loss(torch.from_numpy(student), torch.from_numpy(teacher), 0.2)
    assert float(found) == pytest.approx(expected, rel=1e-4)
