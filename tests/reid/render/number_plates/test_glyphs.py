"""Every character a plate can carry is drawn, and no two look the same."""

import itertools

import numpy as np
import pytest

from reid.render.number_plates.glyphs import (
    GLYPHS,
    OTHER_FORMS,
    PROVINCES,
    Typeface,
    draw_typeface,
    glyph_mask,
    line_mask,
)

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + PROVINCES


def on_square(character: str, typeface: Typeface) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    mask = glyph_mask(character, typeface, 40).astype(float) / 255
    square = np.zeros((40, 80))
    square[:, : mask.shape[1]] = mask
    return square


@pytest.mark.parametrize("seed", range(4))
def test_characters_of_a_typeface_all_differ(seed: int) -> None:
    typeface = draw_typeface(np.random.default_rng(seed))
    squares = {character: on_square(character, typeface) for character in CHARACTERS}
    for one, other in itertools.combinations(CHARACTERS, 2):
        if {one, other} == {"0", "O"} and not typeface.slashed:
            continue
        assert np.abs(squares[one] - squares[other]).sum() > 8, f"{one} looks like {other}"


def test_every_character_has_ink() -> None:
    assert all(glyph_mask(character, Typeface(), 40).max() > 200 for character in GLYPHS)


def test_typefaces_differ() -> None:
    light, bold = Typeface(weight=0.10), Typeface(weight=0.17)
    assert glyph_mask("A", bold, 40).mean() > glyph_mask("A", light, 40).mean()


def test_a_line_is_as_long_as_its_characters() -> None:
    assert line_mask("AB", Typeface(), 32).shape[1] > line_mask("A", Typeface(), 32).shape[1] * 1.8


@pytest.mark.parametrize("character", OTHER_FORMS)
def test_another_form_is_drawn_only_where_the_typeface_asks_for_it(character: str) -> None:
    usual, other = Typeface(), Typeface(forms=(character,))
    assert np.abs(on_square(character, usual) - on_square(character, other)).sum() > 4
    untouched = "E" if character != "E" else "F"
    assert (on_square(untouched, usual) == on_square(untouched, other)).all()
