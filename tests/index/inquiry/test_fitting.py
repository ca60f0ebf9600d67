"""The calibration is fitted on known answers, and checked on others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.inquiry.calibration import ANY_MODEL, Calibration
from index.inquiry.evidence import appearance_llr, travel_llr
from index.inquiry.fitting import Measured, Question, fit
from index.inquiry.fusion import Ratios, log_odds, probability


def questions(seed: int, count: int = 60, gallery: int = 80) -> list[Question]:
    """Questions whose truth is known to the last digit: normal similarities, travel ratios from two normals."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        same = rng.random(gallery) < 2 / gallery
        similarity = rng.normal(0.4, 0.1, gallery) + 0.25 * same
        travel = np.where(same, rng.normal(1.0, 1.4, gallery), rng.normal(-1.0, 1.4, gallery))
        nothing = np.full(gallery, np.nan)
        ids = tuple(f"s{row}" for row in range(gallery))
        measured = Measured(
            ids,
            "histogram",
            similarity,
            nothing,
            travel,
            np.zeros(gallery),
            nothing,
            np.full(gallery, float(gallery)),
            np.full(gallery, 60.0),
        )
        made.append(Question(measured, same))
    return made


def predicted(calibration: Calibration, question: Question) -> np.ndarray:
    measured = question.measured
    looks = appearance_llr(measured.similarity, calibration.looks_of("histogram"))
    travel = travel_llr(measured.drive, measured.possible, calibration.drive_share(measured.window_s))
    ratios = Ratios(looks, measured.plate, travel, measured.direction)
    return probability(log_odds(ratios, measured.crowd, measured.window_s, calibration))


def test_probabilities_on_questions_never_seen_come_true_as_often_as_they_say() -> None:
    calibration = fit(questions(1), seeds=[1], made="2026-05-04")
    held_out = questions(2)
    chances = np.concatenate([predicted(calibration, question) for question in held_out])
    truth = np.concatenate([question.same for question in held_out])
    assert chances.sum() == pytest.approx(truth.sum(), rel=0.2)
    likely = chances > 0.5
    assert truth[likely].mean() == pytest.approx(chances[likely].mean(), abs=0.1)
    assert np.mean((chances - truth) ** 2) < 0.6 * truth.mean() * (1 - truth.mean())


def test_no_weight_is_negative_even_where_the_evidence_misled() -> None:
    misled = [
        Question(
            replace(question.measured, drive=-5 * question.measured.drive),
            question.same,
        )
        for question in questions(3)
    ]
    weights = fit(misled, seeds=[1], made="2026-05-04").weights
    assert min(weights.appearance, weights.plate, weights.travel, weights.direction) >= 0


def test_evidence_never_seen_in_the_fit_is_taken_as_it_stands() -> None:
    weights = fit(questions(1), seeds=[1], made="2026-05-04").weights
    assert weights.plate == pytest.approx(1.0)


def test_a_model_without_calibration_is_believed_less() -> None:
    calibration = fit(questions(1), seeds=[1], made="2026-05-04")
    assert calibration.looks_of("never heard of") == calibration.looks[ANY_MODEL]
    assert calibration.looks[ANY_MODEL].limit < calibration.looks["histogram"].limit


def test_too_few_answers_are_refused() -> None:
    with pytest.raises(ArchiveError, match="add cities"):
        fit(questions(1, count=1), seeds=[1], made="2026-05-04")


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = fit(questions(1), seeds=[4, 1], made="2026-05-04")
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert calibration.origin.seeds == (1, 4)


def test_a_file_that_is_no_calibration_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ArchiveError, match=r"other\.json is no calibration"):
        Calibration.load(tmp_path / "other.json")
