"""Syntax decides what the picture leaves open, and nothing else."""

import numpy as np
import pytest

from reid.plates.formats import region_prior
from reid.plates.grammar import grammatical
from reid.plates.spelling import Spelling


def _spelling(text: str, sure: float = 0.97, **doubts: dict[str, float]) -> Spelling:
    """Return a text of one sureness; `p2={"8": 0.5, ...}` says place 2 otherwise."""
    places = [doubts.get(f"p{place}", {letter: sure}) for place, letter in enumerate(text)]
    return Spelling(tuple(places), float(np.prod([max(place.values()) for place in places])))


def test_no_text_stays_no_text() -> None:
    assert grammatical(Spelling((), 0.2)) == Spelling((), 0.2)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(_spelling("皖AD1B19", p3={"I": 0.9, "1": 0.08}), "皖AD1B19", id="no I on a Chinese plate"),
        pytest.param(_spelling("TR05ROG", p5={"0": 0.6, "O": 0.35}), "TR05ROG", id="a letter where letters stand"),
        pytest.param(_spelling("ABC1D23", p0={"4": 0.5, "A": 0.45}), "ABC1D23", id="a letter at the first place"),
        pytest.param(_spelling("蒙PP587AO", p0={"蒙": 0.6}), "PP587AO", id="a province from the blue band"),
    ],
)
def test_syntax_decides_what_the_picture_leaves_open(read: Spelling, expected: str) -> None:
    assert grammatical(read).text == expected


@pytest.mark.parametrize("text", ["GR8CAR", "O00O", "1I1I1I1", "K9LOVE"])
def test_a_sure_reading_of_a_free_text_stays(text: str) -> None:
    assert grammatical(_spelling(text, 0.995)).text == text


def test_a_right_syntax_makes_surer() -> None:
    read = _spelling("ABC1D83", p5={"8": 0.7, "B": 0.28})
    assert grammatical(read).confidence > read.confidence + 0.1


def test_a_stated_region_decides_between_countries() -> None:
    read = _spelling("AB0123D", p2={"0": 0.5, "O": 0.48})
    assert grammatical(read, region_prior("HR")).text == "AB0123D"
    assert grammatical(_spelling("DOI662", p1={"0": 0.55, "O": 0.4}), region_prior("AR")).text == "DOI662"


def test_the_same_reading_twice_gives_the_same_answer() -> None:
    read = _spelling("SB90TZI", p6={"1": 0.5, "I": 0.4})
    assert grammatical(read) == grammatical(read)
