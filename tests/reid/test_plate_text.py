import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.errors import SeeingError
from reid.plates.alphabet import CHARACTERS, FREQUENCY, confusion, plain
from reid.plates.likelihood import same_probability, text_llr
from reid.plates.pattern import compile_pattern
from reid.plates.read import decode_ctc, read_plate_crop, read_plates
from reid.vehicle import Box, Plate

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def plate(text: str, sure: float = 0.97) -> Plate:
    return Plate(Box(0, 0, 1, 1), CORNERS, text, sure, tuple({character: sure} for character in text))


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("AB?1*", "AB 71 99", True),
        ("AB?1*", "ab-71", True),
        ("AB?1*", "AB1", False),
        ("*99", "AB7199", True),
        ("*99", "AB7199X", False),
        ("a b-1", "AB1", True),
        ("?", "AB", False),
    ],
)
def test_patterns_match_as_a_witness_means_them(pattern: str, text: str, fits: bool) -> None:
    assert compile_pattern(pattern).matches(text) is fits


@pytest.mark.parametrize("pattern", ["", "*", " - ", "AÖ1", "A[1]"])
def test_a_pattern_that_says_nothing_or_has_strange_signs_is_refused(pattern: str) -> None:
    with pytest.raises(SeeingError, match="plate pattern"):
        compile_pattern(pattern)


@given(st.text("AB1?*", min_size=1, max_size=5).filter(lambda text: text.strip("*")), st.integers(0, 4))
def test_the_chance_of_a_pattern_agrees_with_matching_every_text(pattern: str, length: int) -> None:
    compiled = compile_pattern(pattern)
    few = "AB1"
    positions = [dict.fromkeys(few, 1 / 3)] * length
    counted = sum(compiled.matches("".join(text)) for text in itertools.product(few, repeat=length)) / 3**length
    chance = math.exp(compiled.log_probability(positions))
    if counted == 0:
        assert chance < 0.1
    elif pattern.count("*") <= 1:
        assert chance == pytest.approx(counted, rel=0.2, abs=0.02)


def test_a_rare_pattern_has_a_small_chance() -> None:
    assert compile_pattern("AB?1*").log_chance(7) == pytest.approx(
        math.log(FREQUENCY["A"] * FREQUENCY["B"] * FREQUENCY["1"]), abs=0.01
    )


def test_each_row_of_the_confusion_sums_to_one_and_look_alikes_stand_out() -> None:
    matrix = confusion(0.05, 0.03)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(len(CHARACTERS)))
    zero = CHARACTERS.index("0")
    assert matrix[zero, CHARACTERS.index("O")] > 5 * matrix[zero, CHARACTERS.index("X")]


def test_the_same_text_speaks_for_and_another_against() -> None:
    same, other = text_llr(plate("KAB4821"), plate("KAB4821")), text_llr(plate("KAB4821"), plate("WZT3907"))
    assert same is not None
    assert other is not None
    assert same > 15 > 0 > -10 > other


def test_doubt_orders_readings_as_a_person_would() -> None:
    order = [
        text_llr(plate("KAB4821"), one)
        for one in (plate("KAB4821"), plate("KAB4B21"), plate("KAB4721"), plate("KXB4071"))
    ]
    values = [value for value in order if value is not None]
    assert len(values) == 4
    assert values == sorted(values, reverse=True)


def test_an_unsure_reading_says_less_either_way() -> None:
    sure, unsure = plate("KAB4821"), plate("KAB4821", 0.5)
    assert text_llr(sure, unsure) < text_llr(sure, sure)  # type: ignore[operator]


@given(st.text(CHARACTERS, min_size=1, max_size=8), st.text(CHARACTERS, min_size=1, max_size=8))
def test_the_order_of_two_plates_does_not_matter(first: str, second: str) -> None:
    assert text_llr(plate(first), plate(second)) == pytest.approx(text_llr(plate(second), plate(first)))


def test_an_unread_plate_is_no_evidence() -> None:
    assert text_llr(plate("KAB4821"), Plate(Box(0, 0, 1, 1), CORNERS, None, 0.0)) is None
    assert same_probability(0.0) == 0.5


def test_ctc_keeps_the_doubt_where_each_character_is_surest() -> None:
    classes = np.array([-1, CHARACTERS.index("A"), CHARACTERS.index("8"), CHARACTERS.index("B"), -1])
    posterior = np.array(
        [
            [0.9, 0.1, 0, 0, 0],
            [0.3, 0.7, 0, 0, 0],
            [0.0, 0.95, 0.05, 0, 0],
            [0.9, 0.1, 0, 0, 0],
            [0.1, 0, 0.5, 0.4, 0],
            [0.0, 0, 0, 0.1, 0.9],
        ],
        np.float32,
    )
    assert decode_ctc(posterior, classes) == ({"A": 0.95, "8": 0.05}, {"8": 0.5, "B": 0.4})


def drawn(text: str, size: int) -> np.ndarray:
    picture = Pictures.new("RGB", (round(size * 4.6), round(size * 1.2)), "white")
    ImageDraw.Draw(picture).text((size * 0.2, 0), text, font=ImageFont.load_default(size=size), fill=(10, 10, 10))
    return np.asarray(picture)


@pytest.mark.parametrize("size", [60, 24])
def test_a_clear_plate_on_a_vehicle_is_found_and_read(size: int) -> None:
    vehicle = np.full((size * 6, size * 8, 3), 90, np.uint8)
    picture = drawn("KAB 4821", size)
    vehicle[size * 4 : size * 4 + picture.shape[0], size : size + picture.shape[1]] = picture
    (found,) = read_plates(vehicle)
    assert found.text == "KAB4821"
    assert found.box.y > size * 3.5
    assert len(found.characters) == 7
    assert found.characters[0]["K"] > 0.8


def test_a_plate_crop_is_read_whole_and_an_empty_one_is_none() -> None:
    assert read_plate_crop(drawn("KAB 4821", 40)).text == "KAB4821"
    nothing = read_plate_crop(np.full((30, 100, 3), 200, np.uint8))
    assert (nothing.text, nothing.characters) == (None, ())


def test_words_and_small_pictures_are_no_plates() -> None:
    vehicle = np.full((240, 400, 3), 90, np.uint8)
    word = drawn("BAKERY", 40)
    vehicle[150 : 150 + word.shape[0], 50 : 50 + word.shape[1]] = word
    assert read_plates(vehicle) == []
    assert read_plates(np.zeros((20, 30, 3), np.uint8)) == []


def test_spaces_and_dashes_do_not_make_another_plate() -> None:
    assert plain("b-mw 12·34") == "BMW1234"
