"""Patterns of plates against regular expressions over every text that a reading can stand for."""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.errors import SeeingError
from reid.plates.automaton import READER_ERROR
from reid.plates.pattern import PlatePattern, compile_pattern, exactly
from reid.plates.spelling import CHARACTERS, FREQUENCY


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
        ("contains 77", "K1774", True),
        ("contains 77", "K7174", False),
        ("ends in k", "12K", True),
        ("Starts with KR", "KR1", True),
        ("[AB]1", "B1", True),
        ("[AB]1", "C1", False),
        ("[KR|W|P]*", "W12345", True),
        ("[KR|W|P]*", "K12345", False),
        ("AB1*|AB7*", "AB7XY", True),
        ("AB1*|AB7*", "AB2XY", False),
        ("~1O*", "I0Q", True),
        ("1O*", "I0Q", False),
        ("@@###", "AB123", True),
        ("@@###", "ABC12", False),
        ("京A?", "京A7", True),
        ("[A|]1", "1", True),
    ],
)
def test_patterns_match_as_a_witness_means_them(pattern: str, text: str, fits: bool) -> None:
    assert compile_pattern(pattern).matches(text) is fits


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("", "says nothing"),
        ("*", "says nothing"),
        (" - ", "says nothing"),
        ("AB|", "says nothing"),
        ("A!1", "holds !"),
        ("AÞ1", "holds Þ"),
        ("A[1", "bracket"),
        ("A]1", "bracket"),
        ("[A[1]", "bracket"),
        ("[A-F]1", "one by one"),
        ("[]1", "one by one"),
        ("[1|2|3|4|5][1|2|3|4|5][1|2|3|4|5]", "more than 64"),
        ("A" * 21, "longer than 20"),
    ],
)
def test_an_invalid_pattern_is_refused_in_one_line(pattern: str, named: str) -> None:
    with pytest.raises(SeeingError, match="plate pattern") as refused:
        compile_pattern(pattern)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


FEW = "AB1"
"""The only characters of the readings that are tried out whole."""
SIGNS = st.sampled_from(["A", "B", "1", "?", "*", "@", "#", "[A1]", "[AB|1]"])
WRITTEN = st.lists(SIGNS, min_size=1, max_size=5).map("".join).filter(lambda text: text.strip("*"))
READINGS = st.lists(st.tuples(*[st.integers(1, 9)] * 3), max_size=4)


def expression(pattern: str) -> str:
    """Write a pattern of these signs as a regular expression."""
    written = {"?": ".", "*": ".*", "@": "[AB]", "#": "1", "[A1]": "[A1]", "[AB|1]": "(AB|1)"}
    return "|".join(
        "".join(written.get(sign, sign) for sign in re.findall(r"\[[^\]]*\]|.", part))
        for part in re.split(r"\|(?![^\[]*\])", pattern)
    )


@given(st.lists(WRITTEN, min_size=1, max_size=2).map("|".join), READINGS)
def test_the_probability_is_the_sum_over_every_text_that_a_regular_expression_accepts(
    pattern: str, drawn: list[tuple[int, int, int]]
) -> None:
    reading = [{one: share / sum(shares) for one, share in zip(FEW, shares, strict=True)} for shares in drawn]
    believed = [{one: (1 - READER_ERROR) * position[one] for one in FEW} for position in reading]
    counted = 0.0
    for text in itertools.product(FEW, repeat=len(reading)):
        if re.fullmatch(expression(pattern), "".join(text)):
            counted += math.prod(position[one] for position, one in zip(believed, text, strict=True))
    # What the reader leaves open goes to every character of the alphabet, a little of it where it fits.
    doubt = 1 - (1 - READER_ERROR) ** len(reading)
    chance = math.exp(compile_pattern(pattern).log_probability(reading))
    assert counted - 1e-9 <= chance <= counted + doubt + 1e-9


@given(st.lists(WRITTEN, min_size=1, max_size=2).map("|".join), st.text(FEW, max_size=6))
def test_a_text_fits_as_a_regular_expression_says(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).matches(text) is bool(re.fullmatch(expression(pattern), text))


def test_second_best_characters_count_as_much_as_they_are_probable() -> None:
    reading = [{"A": 1.0}, {"8": 0.6, "B": 0.4}]
    first, second = (math.exp(compile_pattern(p).log_probability(reading)) for p in ("A8", "AB"))
    assert first == pytest.approx(0.97 * 0.97 * 0.6, abs=0.03)
    assert second / first == pytest.approx(2 / 3, abs=0.03)


def test_many_readings_are_weighed_like_each_alone() -> None:
    pattern = compile_pattern("*7?K*|B*")
    readings = [[{"7": 0.9, "1": 0.1}, {"X": 1.0}, {"K": 0.5}], [], [{"B": 0.2}], [{"7": 1.0}] * 9]
    together = pattern.log_probabilities(readings)
    assert together.tolist() == pytest.approx([pattern.log_probability(reading) for reading in readings])


def test_a_rare_pattern_has_a_small_probability() -> None:
    assert compile_pattern("AB?1*").log_chance(7) == pytest.approx(
        math.log(FREQUENCY["A"] * FREQUENCY["B"] * FREQUENCY["1"]), abs=0.01
    )


def test_overlapping_alternatives_are_counted_once() -> None:
    assert compile_pattern("A*|*A|A?A").log_probability([{"A": 1.0}] * 3) <= 0
    assert compile_pattern("A|A").ways == compile_pattern("A").ways


@given(st.text(CHARACTERS, min_size=3, max_size=8), st.data())
def test_a_forgiving_pattern_lets_any_one_character_be_wrong(text: str, data: st.DataObject) -> None:
    at, wrong = data.draw(st.integers(0, len(text) - 1)), data.draw(st.sampled_from(CHARACTERS))
    forgiving: PlatePattern = exactly(text).forgiving()
    assert forgiving.matches(text)
    assert forgiving.matches(text[:at] + wrong + text[at + 1 :])
    assert not exactly(text).matches(text + "1")


def test_a_pattern_of_too_many_open_cases_is_refused() -> None:
    with pytest.raises(SeeingError, match="ask in parts"):
        compile_pattern("*A?????????????????").log_chance(7)
