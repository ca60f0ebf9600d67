"""Plates are read as they are drawn, a second reader is asked only where ours is not sure, and nothing is guessed."""

import cv2
import numpy as np
import pytest

from reid.evaluation.plate_reading import measure_reading
from reid.plates import read
from reid.plates.read import read_plate_crop, read_plates, reader_id, spell, with_second_reader
from reid.plates.spelling import Spelling, plain
from reid.render.number_plates.plates import draw, make_plate
from reid.vehicle import Image

LINE = np.array([[0, 0], [120, 0], [120, 26], [0, 26]], np.float32)
SQUARE = np.array([[0, 0], [56, 0], [56, 40], [0, 40]], np.float32)


def crop(layout: str, seed: int, height_px: int = 48) -> tuple[Image, str]:
    """Return a clean plate with a little bodywork around it, and its text."""
    plate = make_plate(seed, layout, state="clean")
    drawn = draw(plate, px_per_m=height_px / plate.size_m[1])
    around = cv2.copyMakeBorder(drawn, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(70, 72, 76))
    return np.asarray(around, np.uint8), plate.text


def letters_of_nowhere(seed: int) -> Image:
    """Return a plate with signs that no alphabet has."""
    rng = np.random.default_rng(seed)
    picture = np.full((48, 200, 3), 238, np.uint8)
    for number in range(7):
        points = rng.integers((0, 8), (22, 40), (9, 2)) + np.array([8 + 27 * number, 0])
        cv2.polylines(picture, [points.astype(np.int32)], False, (20, 20, 20), 3, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("layout", ["eu-de", "uk", "br-old", "us", "vn-two", "eu-bike"])
def test_clear_crops_are_read_in_one_line_and_in_two(layout: str) -> None:
    right = 0
    for seed in range(9_300, 9_306):
        image, text = crop(layout, seed)
        right += read_plate_crop(image).text == text
    assert right >= 4


def test_most_plates_of_24_px_are_read_exactly_and_sure_ones_rightly() -> None:
    score = measure_reading(spell, 60, 24, 0, seed=9_400)
    assert score.exact.value > 0.75  # type: ignore[operator]
    assert score.sure.value > 0.9  # type: ignore[operator]


def test_hardly_anything_is_claimed_of_plates_too_small_to_read() -> None:
    score = measure_reading(spell, 40, 5, 2, seed=9_500)
    assert score.sure_count == 0


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.zeros((40, 160, 3), np.uint8), id="black"),
        pytest.param(np.full((4, 4, 3), 130, np.uint8), id="4 x 4"),
        pytest.param(np.random.default_rng(1).integers(0, 256, (40, 160, 3), np.uint8), id="noise"),
    ],
)
def test_nothing_is_read_on_an_empty_picture(image: Image) -> None:
    plate = read_plate_crop(image)
    assert (plate.text, plate.characters) == (None, ())
    assert all(found.text is None for found in read_plates(image))


@pytest.mark.parametrize("seed", range(6))
def test_an_unknown_alphabet_is_never_sure(seed: int) -> None:
    assert read_plate_crop(letters_of_nowhere(seed)).confidence < 0.5


def test_a_page_of_text_has_no_plate() -> None:
    page = np.full((400, 300, 3), 245, np.uint8)
    for line in range(18):
        words = "the quick brown fox jumps over the lazy dog"
        cv2.putText(page, words, (8, 22 + 21 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (20, 20, 20), 1, cv2.LINE_AA)
    assert [plate.text for plate in read_plates(page) if plate.confidence >= 0.5] == []


def test_a_sure_reading_skips_the_second_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "rapid_spelling", _not_asked)
    sure = Spelling(({"K": 0.99}, {"A": 0.99}, {"B": 0.99}), 0.975)
    assert with_second_reader(np.zeros((26, 120, 3), np.uint8), LINE, sure) is sure


@pytest.mark.parametrize("corners", [pytest.param(SQUARE, id="two lines"), pytest.param(LINE * 0.1, id="tiny")])
def test_the_second_reader_is_not_asked_what_it_cannot_read(
    corners: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "rapid_spelling", _not_asked)
    unsure = Spelling(({"K": 0.7}, {"A": 0.8}), 0.56)
    assert with_second_reader(np.zeros((60, 120, 3), np.uint8), corners, unsure) is unsure


def test_two_unsure_readings_are_joined_by_their_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Spelling(({"K": 0.9}, {"A": 0.95}, {"8": 0.55, "B": 0.4}), 0.47)
    monkeypatch.setattr(read, "rapid_spelling", lambda image: other)
    ours = Spelling(({"K": 0.9}, {"A": 0.9}, {"B": 0.7, "8": 0.25}), 0.57)
    joined = with_second_reader(np.zeros((26, 120, 3), np.uint8), LINE, ours)
    assert joined.text == "KAB"
    assert joined.confidence > ours.confidence


def test_a_second_reading_of_another_length_must_be_much_surer(monkeypatch: pytest.MonkeyPatch) -> None:
    longer = Spelling(({"K": 0.99}, {"A": 0.99}, {"B": 0.99}, {"I": 0.99}), 0.96)
    monkeypatch.setattr(read, "rapid_spelling", lambda image: longer)
    unsure, lost = Spelling(({"K": 0.8},) * 3, 0.5), Spelling(({"K": 0.4},) * 3, 0.06)
    page = np.zeros((26, 120, 3), np.uint8)
    assert with_second_reader(page, LINE, unsure) is unsure
    assert with_second_reader(page, LINE, lost).text == "KABI"


@pytest.mark.parametrize(
    ("as_it_lies", "as_unrolled", "text"),
    [
        pytest.param(Spelling(({"K": 0.7},), 0.7), Spelling(({"A": 0.8},), 0.8), "A", id="two lines"),
        pytest.param(Spelling(({"K": 0.7},), 0.7), Spelling((), 0.9), "K", id="one line, torn apart"),
        pytest.param(Spelling((), 0.9), Spelling(({"A": 0.3},), 0.3), "", id="no plate"),
    ],
)
def test_a_narrow_plate_is_read_as_it_lies_and_unrolled_and_the_surer_text_counts(
    as_it_lies: Spelling, as_unrolled: Spelling, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = Spelling(({"W": 0.5},), 0.5)
    ways = {1: [wide], 2: [as_it_lies, as_unrolled], 3: [wide, as_it_lies, as_unrolled]}
    monkeypatch.setattr(read.packaged_reader(), "read", lambda pictures: ways[len(pictures)])
    page = np.zeros((60, 120, 3), np.uint8)
    assert [one.text for one in spell(page, [SQUARE])] == [text]
    assert [one.text for one in spell(page, [LINE, SQUARE])] == ["W", text]


def test_the_reader_is_named_by_its_weights() -> None:
    assert reader_id().startswith("reader-")


def test_spaces_and_dashes_do_not_make_another_plate() -> None:
    assert plain("b-mw 12·34") == "BMW1234"


def _not_asked(image: Image) -> Spelling:
    raise AssertionError("asked although it need not be")
