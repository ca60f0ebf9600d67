"""Readings are scored by exact text, ignoring spaces, and by the calibration of confidences."""

import numpy as np
import pytest

from reid.evaluation.plate_reading import ReadingResult, draw_plate_views, measure_reading, score_readings
from reid.plates.spelling import Spelling


def read(truth: str, text: str, sure: float, plate: str = "") -> ReadingResult:
    """Return a reading whose characters are each as sure as the whole text needs."""
    each = sure ** (1 / max(1, len(text)))
    return ReadingResult(truth, Spelling(tuple({letter: each} for letter in text), sure), plate or truth)


def test_exact_means_all_characters_spaces_apart() -> None:
    score = score_readings([read("KA-B 1", "KAB1", 0.95), read("KAB2", "KAB7", 0.5), read("KAB3", "KAB", 0.5)])
    assert score.exact.value == pytest.approx(1 / 3)
    assert score.given.value == 1.0
    assert (score.sure_count, score.sure.value) == (1, 1.0)


def test_unreadable_plates_are_neither_given_nor_right() -> None:
    score = score_readings([read("KAB1", "KAB1", 0.95), read("KAB2", "KAB2", 0.01), read("KAB3", "", 0.0)])
    assert score.given.value == pytest.approx(1 / 3)
    assert score.exact.value == pytest.approx(1 / 3)


def test_calibrated_confidences_have_no_calibration_error() -> None:
    rng = np.random.default_rng(1)
    honest, boastful = [], []
    for number in range(600):
        sure = float(rng.uniform(0.2, 1.0))
        text = "AB12" if rng.random() < sure else "XB12"
        honest.append(read("AB12", text, sure, str(number)))
        boastful.append(read("AB12", text, sure**0.2, str(number)))
    assert score_readings(honest).calibration.value < 0.08 < 0.2 < score_readings(boastful).calibration.value  # type: ignore[operator]


def test_plate_views_have_the_requested_height_and_follow_their_number() -> None:
    first, again = (list(draw_plate_views(3, 24, 1, seed=9_000)) for _ in range(2))
    assert [one.text for one in first] == [one.text for one in again]
    for one, same in zip(first, again, strict=True):
        assert (one.view.image == same.view.image).all()
        assert np.linalg.norm(one.view.corners[3] - one.view.corners[0]) == pytest.approx(24, rel=0.3)


def test_measuring_reads_each_plate_once() -> None:
    truths = iter(one.text for one in draw_plate_views(4, 24, 0, seed=9_000))
    score = measure_reading(lambda _, corners: [read("", next(truths), 0.99).spelling], 4, 24, 0, seed=9_000)
    assert (score.count, score.exact.value) == (4, 1.0)
