"""Drawn letters vary in shape, and the shapes kept for judging are never drawn for training."""

from dataclasses import replace

import numpy as np
import pytest

from reid.render.number_plates import glyphs
from reid.render.number_plates.glyphs import Typeface
from reid.training.plates.letter_shapes import (
    PLAIN,
    LetterShape,
    Pen,
    deformed,
    draw_held_out_shape,
    draw_shape,
    is_held_out,
    pen_mask,
    slanted,
)
from reid.training.plates.lettering import PlateFont, character_mask, draw_font, draw_held_out_font

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def test_training_draws_no_shape_of_the_held_out_family() -> None:
    drawn = [draw_shape(np.random.default_rng(seed)) for seed in range(3_000)]
    assert not any(is_held_out(shape) for shape in drawn)
    assert all(is_held_out(draw_held_out_shape(np.random.default_rng(seed))) for seed in range(200))
    assert any(shape.slant < -0.08 for shape in drawn), "each trait alone is drawn"
    assert any(shape.pen is not None and shape.pen.square > 6 and shape.pen.contrast > 1.2 for shape in drawn)


def test_a_typeface_without_a_shape_is_drawn_as_in_the_cities() -> None:
    face = PlateFont(Typeface())
    for sign in SIGNS:
        assert np.array_equal(character_mask(sign, face, 72), glyphs.glyph_mask(sign, Typeface(), 72))


@pytest.mark.parametrize("seed", range(30))
def test_every_character_of_any_typeface_has_ink_from_top_to_bottom(seed: int) -> None:
    rng = np.random.default_rng(seed)
    face = draw_held_out_font(rng) if seed % 3 == 0 else draw_font(rng)
    for sign in SIGNS:
        mask = character_mask(sign, face, 40)
        assert mask.shape[0] == 40
        assert mask[:4].max() > 60
        assert mask[-4:].max() > 60
        assert 0.03 < (mask > 127).mean() < 0.97 or sign in "I1"


def test_the_pen_decides_the_terminals_and_the_contrast() -> None:
    typeface = Typeface(weight=0.14)
    round_tip, box = (pen_mask("H", typeface, LetterShape(Pen(1.0, square)), 80) for square in (2.0, 12.0))
    assert box[0].astype(int).sum() > 1.5 * round_tip[0].astype(int).sum()
    light, heavy = (pen_mask("T", typeface, LetterShape(Pen(contrast, 12.0)), 80) for contrast in (0.5, 1.4))
    assert (heavy[:, 3] > 127).sum() > 2 * (light[:, 3] > 127).sum()


def test_serifs_widen_the_feet_and_gaps_cut_closed_characters() -> None:
    foot, stem = (pen_mask("I", Typeface(), LetterShape(Pen(), serif), 80)[-2] > 127 for serif in (0.1, 0.0))
    assert foot.sum() > 2 * stem.sum()
    whole = glyphs.glyph_mask("0", Typeface(), 80)
    cut = deformed(whole, "0", LetterShape(stencil=0.05))
    assert cut.astype(int).sum() < whole.astype(int).sum()
    assert np.array_equal(deformed(whole, "L", LetterShape(stencil=0.05)), whole)


def test_facets_make_bowls_of_straight_lines() -> None:
    shape = LetterShape(Pen())
    smooth, faceted = (pen_mask("O", Typeface(), one, 80) for one in (shape, replace(shape, faceted=True)))
    assert (smooth != faceted).any()


def test_a_line_leans_around_its_middle() -> None:
    ink = np.zeros((41, 60), np.uint8)
    ink[:, 30] = 255
    leaning = slanted(ink, 0.2, 20.0)
    assert leaning[0].argmax() == 34
    assert leaning[20].argmax() == 30
    assert leaning[40].argmax() == 26
    assert slanted(ink, PLAIN.slant, 20.0) is ink


def test_a_deformed_character_is_the_same_each_time() -> None:
    shape = LetterShape(waist=0.05, wobble=0.02, wobble_seed=3)
    mask = glyphs.glyph_mask("R", Typeface(), 72)
    assert np.array_equal(deformed(mask, "R", shape), deformed(mask, "R", shape))
    assert deformed(mask, "R", shape).shape != mask.shape
