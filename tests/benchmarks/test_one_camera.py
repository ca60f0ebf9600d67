"""The looks of one camera fitted in several ways, and what was measured kept in a file."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.measured_cities import measured_city, read_measured, write_measured
from benchmarks.one_camera import FIGURES, figures, ways
from index.search.calibration import packaged_calibration
from index.search.measured import Measured
from index.simulation.calibrate import MeasuredQuestion

MODEL = "appearance-f945cb7a5c25"
SIZE = 60


def _question(seed: int) -> MeasuredQuestion:
    """Return a question of whose gallery half is of the camera asked about, all others of which are very much alike."""
    rng, own = np.random.default_rng(seed), np.arange(SIZE) < SIZE // 2
    same = rng.random(SIZE) < 0.05
    similarity = rng.normal(0.1, np.where(own, 0.3, 0.1)) + 0.5 * same
    nothing = np.full(SIZE, np.nan)
    many = np.full(SIZE, float(SIZE))
    measured = Measured(
        tuple(f"s{row}" for row in range(SIZE)),
        MODEL,
        similarity,
        *([nothing] * 5),
        many,
        many * 5,
        own,
        nothing,
        nothing,
    )
    return MeasuredQuestion(measured, same)


def test_what_was_measured_is_read_from_its_file(tmp_path: Path) -> None:
    questions = [_question(1), replace(_question(2), measured=replace(_question(2).measured, model_id=None))]
    write_measured(tmp_path / "town-2.npz", questions)
    for one, other in zip(questions, read_measured(tmp_path / "town-2.npz"), strict=True):
        assert np.array_equal(one.same, other.same)
        for field in fields(Measured):
            own, read = (getattr(each.measured, field.name) for each in (one, other))
            assert type(own) is type(read)
            assert own == read if field.name in ("ids", "model_id") else np.array_equal(own, read, equal_nan=True)


def test_what_is_kept_is_not_measured_again(tmp_path: Path) -> None:
    write_measured(tmp_path / "town-7.npz", [_question(1)])
    assert len(measured_city(Path("nowhere/town"), 7, tmp_path)) == 1


def test_a_curve_of_one_camera_makes_the_truth_of_other_questions_likelier() -> None:
    others, own = [_question(seed) for seed in range(60)], [_question(seed) for seed in range(100, 130)]
    found = {
        name: dict(zip(FIGURES, figures(fit(others), own), strict=True))
        for name, fit in ways(packaged_calibration()).items()
    }
    fitted = found["one camera fitted beside all else, the way back trusted 1"]
    assert fitted["nats"] > found["one curve for all"]["nats"] + 0.1
    assert fitted["nats"] - fitted["of one camera"] == pytest.approx(
        found["as it is"]["nats"] - found["as it is"]["of one camera"]
    )
