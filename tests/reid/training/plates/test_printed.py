"""Synthetic plates show their text at its centres, and twins differ in one character."""

import numpy as np
import pytest

from reid.plates.spelling import CHARACTERS, PROVINCES
from reid.render.number_plates import glyphs
from reid.training.plates import lettering
from reid.training.plates.lettering import PlateFont, character_mask, draw_font, drawable_provinces
from reid.training.plates.printed import PrintedPlate, print_plate, printed_plate
from reid.training.plates.texts import PATTERN_FAMILIES, draw_family, draw_marking, plain_text, with_changed_character

FAMILIES = sorted({writing.family for writing in PATTERN_FAMILIES})


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that no font is installed."""
    monkeypatch.setattr(lettering, "installed_fonts", lambda names: ())


@pytest.mark.parametrize("seed", range(40))
def test_texts_are_made_of_characters_that_can_be_read(seed: int) -> None:
    plate = printed_plate(seed)
    assert set(plate.text) <= set(CHARACTERS)
    assert 4 <= len(plate.text) <= 10
    assert plate == printed_plate(seed)


def test_all_families_and_two_lines_occur() -> None:
    plates = [printed_plate(seed) for seed in range(300)]
    assert {plate.family for plate in plates} == set(FAMILIES)
    assert any("|" in plate.marking for plate in plates)
    assert any(plate.text[0] in PROVINCES for plate in plates)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_drawn_with_ink_at_its_characters(family: str) -> None:
    writing = next(one for one in PATTERN_FAMILIES if one.family == family)
    marking = draw_marking(writing, drawable_provinces(), np.random.default_rng(4))
    plate = PrintedPlate(marking, family, 4)
    seen = print_plate(plate)
    assert len(seen.centres) == len(plate.text)
    assert ((seen.centres > 0) & (seen.centres < 1)).all()
    height, width = seen.image.shape[:2]
    for x, y in seen.centres * (width, height):
        around = seen.image[round(y) - 8 : round(y) + 9, max(0, round(x) - 5) : round(x) + 6]
        assert np.ptp(around.astype(int).sum(axis=2)) > 60


def test_characters_are_read_line_by_line_from_the_left() -> None:
    centres = print_plate(PrintedPlate("AB|123", "square", 9)).centres
    assert (np.diff(centres[:2, 0]) > 0).all()
    assert (np.diff(centres[2:, 0]) > 0).all()
    assert centres[:2, 1].max() < centres[2:, 1].min()


def test_stacked_characters_stand_one_above_the_other_in_one_place() -> None:
    plate = PrintedPlate("D/V12345", "us", 9)
    centres = print_plate(plate).centres
    assert plate.text == "DV12345"
    assert centres[0, 0] == centres[1, 0] < centres[2, 0]
    assert centres[0, 1] < centres[2, 1] < centres[1, 1]


def test_another_font_changes_only_the_characters() -> None:
    plate = PrintedPlate("AB123", "plain", 4)
    ours, theirs = (print_plate(plate, PlateFont(glyphs.Typeface(weight=weight))) for weight in (0.09, 0.19))
    differ = np.abs(ours.image.astype(int) - theirs.image).max(axis=2) > 40
    height = len(differ)
    assert differ[round(0.25 * height) : round(0.75 * height)].any()
    assert not differ[: round(0.05 * height)].any()


@pytest.mark.parametrize("seed", range(12))
def test_a_twin_differs_in_one_character_and_shows_it(seed: int) -> None:
    plate = printed_plate(seed)
    twin = plate.twin(seed)
    places = [k for k, (a, b) in enumerate(zip(plate.text, twin.text, strict=True)) if a != b]
    assert len(places) == 1
    ours, theirs = print_plate(plate).image, print_plate(twin).image
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).max() > 50


def test_a_changed_character_stays_a_letter_or_digit() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        new = plain_text(with_changed_character("AB-12", rng))
        assert new[:2].isalpha()
        assert new[2:].isdigit()


@pytest.mark.usefixtures("no_fonts")
def test_plates_are_drawn_without_any_font() -> None:
    assert drawable_provinces() == glyphs.PROVINCES
    rng = np.random.default_rng(5)
    face = draw_font(rng)
    assert face.latin is None
    assert all(character_mask(sign, face, 24).max() > 150 for sign in "AZ09" + glyphs.PROVINCES)
    assert draw_marking(draw_family(rng), drawable_provinces(), rng)


def test_width_and_boldness_change_a_letter() -> None:
    narrow, wide = (PlateFont(glyphs.Typeface(width=width)) for width in (0.4, 0.6))
    assert character_mask("H", narrow, 30).shape[1] < character_mask("H", wide, 30).shape[1]
    assert character_mask("H", narrow, 30).shape[0] == 30
