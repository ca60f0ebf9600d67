"""What a reader takes for what is learned from its readings against the truth, and kept as JSON."""

from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.plates.likelihood import learned_confusion, read_confusion, write_confusion
from reid.plates.spelling import CHARACTERS, DIGITS, Spelling
from reid.training.plates.calibration import fit_confusion

EIGHT, B, SEVEN = (CHARACTERS.index(letter) for letter in "8B7")


def readings(count: int, *, said: float, right: float) -> list[tuple[Spelling, str]]:
    """Return readings of an 8 that say 8 with `said` and B else, and are right as often as `right`."""
    rng = np.random.default_rng(3)
    seen = Spelling(({"8": said, "B": round(1 - said, 4)}, {"7": 1.0}), said)
    return [(seen, "87" if rng.random() < right else "B7") for _ in range(count)]


def test_doubt_that_is_admitted_is_not_learned_again() -> None:
    table = fit_confusion(readings(800, said=0.8, right=0.8)).stands_for
    assert table[EIGHT, B] < 0.05


def test_what_a_reader_does_not_admit_is_learned() -> None:
    table = fit_confusion(readings(800, said=1.0, right=0.7)).stands_for
    assert table[EIGHT, B] == pytest.approx(0.3, abs=0.05)
    assert table[SEVEN, SEVEN] > 0.98


def test_characters_that_were_missed_or_added_are_counted() -> None:
    seen = Spelling(({"8": 1.0}, {"7": 1.0}), 1.0)
    confusion = fit_confusion([(seen, "87")] * 80 + [(seen, "8")] * 10 + [(seen, "817")] * 10)
    assert confusion.extra == pytest.approx(10 / 200, abs=0.01)
    assert confusion.missed == pytest.approx(10 / 200, abs=0.01)


def test_each_row_sums_to_one() -> None:
    confusion = fit_confusion(readings(50, said=0.9, right=0.9))
    assert confusion.stands_for.sum(axis=1) == pytest.approx(np.ones(len(CHARACTERS)))


def test_it_is_written_and_read_as_it_was(tmp_path: Path) -> None:
    confusion = fit_confusion(readings(200, said=0.9, right=0.6))
    write_confusion(confusion, tmp_path / "confusion.json")
    kept = read_confusion(tmp_path / "confusion.json")
    assert kept.stands_for == pytest.approx(confusion.stands_for, abs=2e-3)
    assert (kept.missed, kept.extra) == pytest.approx((confusion.missed, confusion.extra), abs=1e-5)


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text('{"missed": 0.1}')
    with pytest.raises(SeeingError, match=r"no.json is no confusion of a reader .*: write it with"):
        read_confusion(tmp_path / "no.json")


def test_in_the_packaged_confusion_each_character_is_most_probably_itself() -> None:
    table = learned_confusion().stands_for
    rows = [CHARACTERS.index(digit) for digit in DIGITS]
    assert (table[rows].argmax(axis=1) == rows).all()
