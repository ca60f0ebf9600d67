"""A plate that does not fit a pattern is weighed as a related one, not as if it fitted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.plates.likelihood import text_llrs
from reid.plates.pattern import compile_pattern
from reid.plates.pattern_likelihood import pattern_llrs
from reid.plates.spelling import CHARACTERS
from reid.vehicle import Box, Plate

BOX = Box(0, 0, 1, 1)


def plate(text: str, sure: float = 0.97) -> Plate:
    return Plate(BOX, (), text, sure, tuple({character: sure} for character in text))


def llr(pattern: str, text: str) -> float:
    return float(pattern_llrs(compile_pattern(pattern), [plate(text)])[0])


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("KCZ5G58", "KCZ5G57", id="a whole plate, one character"),
        pytest.param("KCZ5G58", "KCZ5G67", id="two characters"),
        pytest.param("KCZ5G58", "KCZ5G5", id="one missing"),
        pytest.param("KCZ5G58", "KCZ5G588", id="one more"),
        pytest.param("KCZ5G?8", "KCZ5G57", id="one open, one wrong"),
        pytest.param("K?Z5G?8", "KCZ5G57", id="two open, one wrong"),
        pytest.param("*5G58", "KCZ5G57", id="an end"),
        pytest.param("KCZ*58", "KCZ5G57", id="a gap"),
        pytest.param("KCZ5G58|AB12345", "KCZ5G57", id="alternatives"),
        pytest.param("[KC|WZ]Z5G58", "KCZ5G57", id="prefixes"),
        pytest.param("~KCZ5G50", "KCZ5G57", id="folded"),
    ],
)
def test_a_plate_that_differs_never_speaks_for(pattern: str, text: str) -> None:
    assert llr(pattern, text) < 0.5


@pytest.mark.parametrize("pattern", ["KCZ5G58", "KCZ5G?8", "K?Z5G?8", "*5G58", "KCZ*58", "KCZ5G58|AB12345", "KC*"])
def test_a_plate_that_fits_speaks_strongly_for(pattern: str) -> None:
    assert llr(pattern, "KCZ5G58") > 6


def test_a_reading_in_doubt_counts_as_far_as_it_may_fit() -> None:
    doubtful = Plate(BOX, (), "KCZ5G57", 0.6, (*({c: 0.97} for c in "KCZ5G5"), {"7": 0.6, "8": 0.38}))
    (found,) = pattern_llrs(compile_pattern("KCZ5G?8"), [doubtful])
    assert llr("KCZ5G?8", "KCZ5G57") + 1 < found < llr("KCZ5G?8", "KCZ5G58") - 1


def test_a_whole_text_that_differs_is_weighed_as_plates_are_and_one_that_agrees_counts_more() -> None:
    read = [plate(text, 0.9) for text in ("KR1A7", "KR1A4", "W12")]
    asked = Plate(BOX, (), "KR1A7", 1.0, tuple({character: 1.0} for character in "KR1A7"))
    found, as_plates = pattern_llrs(compile_pattern("KR-1 A7"), read), text_llrs(asked, read)
    assert found[1:].tolist() == as_plates[1:].tolist()
    assert found[0] > as_plates[0] + 3


def test_what_says_nothing_is_no_evidence() -> None:
    unread = Plate(BOX, (), None, 0.0)
    assert np.isnan(pattern_llrs(compile_pattern("KR*"), [unread])).all()
    assert llr("???????", "KCZ5G58") == pytest.approx(0.0, abs=0.02)


@given(
    st.text("AB1?*", min_size=1, max_size=6).filter(lambda text: text.strip("*")),
    st.text("AB18", min_size=1, max_size=6),
)
def test_what_does_not_fit_is_never_more_likely_than_what_does(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    differing = compiled.differing(text)
    assert (differing == 0) == compiled.matches(text)
    (found,) = pattern_llrs(compiled, [plate(text)])
    assert math.isfinite(found)
    assert differing == 0 or found < 1.0


@given(st.text(CHARACTERS, min_size=1, max_size=9))
def test_a_plate_differs_from_itself_nowhere(text: str) -> None:
    assert compile_pattern(text).differing(text) == 0
