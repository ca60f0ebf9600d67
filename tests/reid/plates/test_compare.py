from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from reid.arrays import Floats
from reid.plates import compare
from reid.plates.compare import PlateComparison, compare_crops
from reid.plates.verify import PlateAppearance
from reid.vehicle import Box, Corners, Image, Plate


class Fixed:
    """A verifier that gives every pair the same ratio."""

    model_id = "fixed"

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        nothing = np.zeros(len(plates), np.float32)
        return PlateAppearance(
            np.zeros((len(plates), 2), np.float32), np.zeros((len(plates), 1), np.float16), nothing, nothing
        )

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        return np.full(len(first), self.ratio)

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        return self.llr(first, second), self.llr(first, second)

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return np.full(len(cosines), self.ratio)


def crop(folder: Path, name: str, *, blank: bool = False) -> Path:
    path = folder / f"{name}.png"
    noise = np.random.default_rng(sum(map(ord, name))).integers(0, 256, (10, 40, 3)).astype(np.uint8)
    cv2.imwrite(str(path), np.zeros_like(noise) if blank else noise)
    return path


def told(text: str | None, chance: float = 0.98) -> Plate:
    corners = ((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0))
    return Plate(Box(0, 0, 40, 10), corners, text, 0.9, tuple({letter: chance} for letter in text or ""))


@pytest.fixture
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "read_plate_crop", lambda image: told(None))


@pytest.mark.usefixtures("nothing_is_read")
def test_unreadable_plates_are_compared_by_appearance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "installed_verifier", lambda: Fixed(3.0))
    (compared,) = compare_crops([(crop(tmp_path, "a"), crop(tmp_path, "b"))])
    assert compared.by == "siamese"
    assert compared.llr == 3.0
    assert compared.same == pytest.approx(1 / (1 + np.exp(-3)))


@pytest.mark.usefixtures("nothing_is_read")
@pytest.mark.parametrize("verifier", [None, Fixed(3.0)])
def test_a_black_picture_is_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verifier: Fixed | None
) -> None:
    monkeypatch.setattr(compare, "installed_verifier", lambda: verifier)
    (compared,) = compare_crops([(crop(tmp_path, "a", blank=True), crop(tmp_path, "b"))])
    assert (compared.same, compared.llr) == (0.5, None)
    assert compared.words == "nothing can be seen"


def test_readings_decide_where_appearance_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {0: "AB123CD", 1: "AB123CD", 2: "XY987ZW"}
    pictures = [crop(tmp_path, name) for name in "abc"]
    shown = iter([told(texts[number]) for number in range(3)])
    monkeypatch.setattr(compare, "read_plate_crop", lambda image: next(shown))
    monkeypatch.setattr(compare, "installed_verifier", lambda: Fixed(0.0))
    same, other = compare_crops([(pictures[0], pictures[1]), (pictures[0], pictures[2])])
    assert (same.by, other.by) == ("both", "both")
    assert same.same > 0.8
    assert other.same < 0.3


def test_each_picture_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [crop(tmp_path, name) for name in "ab"]
    calls: list[int] = []
    monkeypatch.setattr(compare, "read_plate_crop", lambda image: calls.append(1) or told(None))
    monkeypatch.setattr(compare, "installed_verifier", lambda: None)
    assert len(compare_crops([(pictures[0], pictures[1]), (pictures[1], pictures[0]), (pictures[0], pictures[0])])) == 3
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        pytest.param(
            PlateComparison(0.999, 7.0, "siamese", 11.0), "consistent with the same plate", id="too small for twins"
        ),
        pytest.param(PlateComparison(0.999, 7.0, "siamese", 24.0), "the same plate", id="large enough"),
        pytest.param(PlateComparison(0.999, 7.0, "both", 23.0), "consistent with the same plate", id="small and read"),
        pytest.param(PlateComparison(0.001, -7.0, "siamese", 11.0), "another plate", id="differs"),
        pytest.param(PlateComparison(0.9, 2.2, "both", 11.0), "rather the same plate", id="leaning"),
        pytest.param(PlateComparison(0.6, 0.4, "both", 11.0), "undecided", id="undecided"),
    ],
)
def test_words_claim_no_more_than_can_be_seen(compared: PlateComparison, words: str) -> None:
    assert compared.words == words
