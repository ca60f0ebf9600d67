from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from reid.plates.locate import Located
from reid.plates.passage import passage_plate
from reid.plates.rectify import Quad
from reid.plates.spelling import Spelling
from reid.vehicle import Image


@dataclass
class MadeUpLocator:
    """Finds plates of the height that a picture's first pixel says, none where it is 0."""

    asked: int = 0

    def locate(self, image: Image, options: object) -> list[Located]:
        self.asked += 1
        high = float(image[0, 0, 0])
        board = np.array([[5, 5], [5 + 4 * high, 5], [5 + 4 * high, 5 + high], [5, 5 + high]], np.float32)
        return [Located(board, 0.9)] if high else []


def picture(plate_height_px: int, side_px: int = 60) -> Image:
    return np.full((side_px, side_px, 3), plate_height_px, np.uint8)


def spelling(text: str, sure: float) -> Spelling:
    return Spelling(tuple({character: sure} for character in text), sure ** len(text))


def says(texts: dict[int, Spelling]) -> object:
    """Return a reader that knows what stands on plates of each height."""

    def spell(image: Image, corners: Sequence[Quad]) -> list[Spelling]:
        return [texts[int(image[0, 0, 0])] for _ in corners]

    return spell


def test_the_plate_lies_in_the_picture_that_shows_it_largest() -> None:
    spell = says({8: spelling("AB12", 0.7), 10: spelling("AB12", 0.9)})
    seen = passage_plate([picture(8), picture(10)], MadeUpLocator(), spell)  # type: ignore[arg-type]
    assert seen is not None
    assert seen.best == 1
    assert seen.plate.box.height == pytest.approx(10)
    assert [corners is not None for corners in seen.corners] == [True, True]
    assert seen.corners[0] is not None
    assert seen.corners[0][2] == pytest.approx((37.0, 13.0))


def test_two_pictures_that_show_it_are_enough() -> None:
    locator, spell = MadeUpLocator(), says({8: spelling("AB12", 0.7)})
    pictures = [picture(8, side_px) for side_px in (60, 90, 70)]
    seen = passage_plate(pictures, locator, spell)  # type: ignore[arg-type]
    assert seen is not None
    assert locator.asked == 2
    assert [corners is not None for corners in seen.corners] == [False, True, True]


def test_smaller_pictures_are_searched_where_the_largest_show_no_plate() -> None:
    locator, spell = MadeUpLocator(), says({8: spelling("AB12", 0.9)})
    pictures = [picture(8, 50), picture(0, 90), picture(0, 70), picture(8, 60)]
    seen = passage_plate(pictures, locator, spell)  # type: ignore[arg-type]
    assert seen is not None
    assert [corners is not None for corners in seen.corners] == [True, False, False, True]
    assert seen.plate.text == "AB12"


def test_all_pictures_are_read_together() -> None:
    spell = says({8: spelling("AB12", 0.6), 10: spelling("AB12", 0.6)})
    both = passage_plate([picture(8), picture(10)], MadeUpLocator(), spell)  # type: ignore[arg-type]
    alone = passage_plate([picture(10)], MadeUpLocator(), spell)  # type: ignore[arg-type]
    assert both is not None
    assert alone is not None
    assert both.plate.text == alone.plate.text == "AB12"
    assert both.plate.confidence > alone.plate.confidence


def test_a_plate_that_cannot_be_read_is_still_found() -> None:
    seen = passage_plate([picture(8)], MadeUpLocator(), says({8: spelling("AB12", 0.2)}))  # type: ignore[arg-type]
    assert seen is not None
    assert seen.plate.text is None
    assert seen.corners[0] is not None


def test_no_plate_gives_none_and_tiny_pictures_are_not_searched() -> None:
    locator = MadeUpLocator()
    assert passage_plate([picture(0), picture(9, side_px=20)], locator, says({})) is None  # type: ignore[arg-type]
    assert locator.asked == 1


def test_a_sure_reading_of_the_largest_picture_is_enough_and_tiny_plates_are_not_read() -> None:
    asked: list[int] = []

    def spell(image: Image, corners: Sequence[Quad]) -> list[Spelling]:
        asked.append(int(image[0, 0, 0]))
        return [spelling("AB12", 0.995)]

    seen = passage_plate([picture(8), picture(10)], MadeUpLocator(), spell)  # type: ignore[arg-type]
    tiny = passage_plate([picture(5), picture(6)], MadeUpLocator(), spell)  # type: ignore[arg-type]
    assert seen is not None
    assert tiny is not None
    assert asked == [10]
    assert seen.plate.text == "AB12"
    assert tiny.plate.text is None
    assert [corners is not None for corners in tiny.corners] == [True, True]
