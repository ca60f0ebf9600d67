from collections.abc import Sequence

import numpy as np

from reid.arrays import Floats
from reid.evaluation.plate_verification import PlatePicture, score_folder
from reid.plates.rectify import Quad
from reid.plates.verify import PlateAppearance
from reid.vehicle import Corners, Image

WHOLE = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], np.float32)


class ByShade:
    """A verifier for which pictures of one shade show one plate."""

    model_id = "shade"

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        shades = np.array([image.mean() for image, _ in plates], np.float32).reshape(-1, 1)
        return PlateAppearance(shades, shades.astype(np.float16), shades[:, 0], shades[:, 0])

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        return 5.0 - np.abs(first.vectors - second.vectors)[:, 0].astype(np.float64)

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        return self.llr(first, second), self.llr(first, second)

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return cosines


def shown(vehicle: str, shade: int) -> PlatePicture:
    return PlatePicture(vehicle, np.full((4, 4, 3), shade, np.uint8))


def whole(image: Image) -> Quad | None:
    return WHOLE if image.mean() > 0 else None


def test_each_plate_is_a_query_among_all_others() -> None:
    pictures = [shown("a", 10), shown("a", 12), shown("b", 100), shown("b", 103), shown("c", 50)]
    score = score_folder(pictures, whole, ByShade())
    assert (score.located, score.questions) == (5, 4)
    assert score.first.value == 1
    assert score.missed.value == score.accepted.value == score.surely.value == 0
    assert score.chance == 1 / 4


def test_a_more_similar_wrong_plate_costs_a_first_place() -> None:
    score = score_folder([shown("a", 10), shown("a", 20), shown("b", 11)], whole, ByShade())
    assert score.first.value == 0
    assert score.missed.value == 1
    assert score.accepted.value == 0.5


def test_plates_that_were_not_located_are_left_out() -> None:
    score = score_folder([shown("a", 10), shown("a", 0), shown("b", 90)], whole, ByShade())
    assert (score.located, score.questions) == (2, 0)
    assert score.first.value is None


def test_low_plates_can_be_left_out() -> None:
    pictures = [shown("a", 10), shown("a", 12), shown("b", 100)]
    assert score_folder(pictures, whole, ByShade(), least_px=4.0).located == 3
    assert score_folder(pictures, whole, ByShade(), least_px=4.1).located == 0
