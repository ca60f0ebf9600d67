"""Plates of other alphabets, written in the characters that are known here."""

import pytest

from reid.plates.other_letters import in_known_letters
from reid.plates.pattern import compile_pattern
from reid.plates.spelling import CHARACTERS


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("kr 12-ab", "KR 12-AB", id="small"),
        pytest.param("А123ВС77", "A123BC77", id="Cyrillic"),
        pytest.param("ΥΖΜ-1234", "YZM-1234", id="Greek"),
        pytest.param("MÜ-AB 123", "MU-AB 123", id="an umlaut"),
        pytest.param("ĐJ 123-ČK", "DJ 123-CK", id="strokes and carons"),
        pytest.param("ＫＲ１２ＡＢ", "KR12AB", id="wide"),
        pytest.param("١٢٣٤", "1234", id="Arabic digits"),
        pytest.param("京A12345", "京A12345", id="a province"),
        pytest.param("กข 1234", "กข 1234", id="unknown letters stay"),
    ],
)
def test_letters_that_are_read_as_known_ones_become_these(text: str, written: str) -> None:
    assert in_known_letters(text) == written


def test_a_known_character_stays_itself() -> None:
    assert in_known_letters(CHARACTERS) == CHARACTERS


@pytest.mark.parametrize("pattern", ["MÜ-AB 123", "mü*", "Ａ１？３", "А1[ВС]3"])
def test_a_plate_can_be_asked_for_as_it_is_written(pattern: str) -> None:
    assert compile_pattern(pattern).matches({"M": "MUAB123", "m": "MUAB123", "Ａ": "A1X3", "А": "A1B3"}[pattern[0]])
