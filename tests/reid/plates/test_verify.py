import numpy as np
import pytest

from reid.plates.curves import Curve, Curves
from reid.plates.verify import VerifierCalibration, as_document, from_document, pair_quality, sharpness
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import view
from reid.training.plates.calibration import ScoredPairs, fit_calibration

FLAT = Curves((3.0, 4.0), (Curve((0.0, 1.0), (-1.0, 1.0)), Curve((0.0, 1.0), (-3.0, 3.0))))


@pytest.mark.parametrize(
    ("score", "quality", "expected"),
    [
        pytest.param(0.5, 3.5, 0.0, id="in the middle"),
        pytest.param(1.0, 3.0, 1.0, id="on a curve"),
        pytest.param(1.0, 3.5, 2.0, id="between two curves"),
        pytest.param(9.0, 9.0, 3.08, id="beyond the best: next to no more is claimed"),
        pytest.param(-9.0, 0.0, -1.09, id="below the worst"),
    ],
)
def test_ratios_lie_between_the_curves(score: float, quality: float, expected: float) -> None:
    assert FLAT.at(np.array([score]), np.array([quality])) == pytest.approx(expected)


def test_curves_agree_with_one_pair_at_a_time() -> None:
    rng = np.random.default_rng(0)
    scores, qualities = rng.normal(0.5, 1, 50), rng.uniform(2, 5, 50)
    for score, quality, ratio in zip(scores, qualities, FLAT.at(scores, qualities), strict=True):
        share = min(max(quality - 3, 0), 1)
        low, high = (curve.at(np.array([score]))[0] for curve in FLAT.curves)
        assert ratio == pytest.approx((1 - share) * low + share * high)


def test_a_calibration_survives_being_written() -> None:
    calibration = VerifierCalibration(FLAT, FLAT, 0.5)
    assert from_document(as_document(calibration)) == calibration


def test_the_worse_picture_decides() -> None:
    assert pair_quality(np.array([3.0]), np.array([6.0])) == pytest.approx(
        pair_quality(np.array([6.0]), np.array([3.0]))
    )
    assert pair_quality(np.array([3.0]), np.array([6.0])) < 4.5


def test_fitted_ratios_are_those_of_the_pairs() -> None:
    """Scores that are true ratios where plates are seen well come back; where they are not, nothing is claimed."""
    rng = np.random.default_rng(1)
    count = 40_000
    same, good = rng.random(count) < 0.5, rng.random(count) < 0.5
    scores = np.where(good, np.where(same, rng.normal(1, np.sqrt(2), count), rng.normal(-1, np.sqrt(2), count)), 0)
    scores += np.where(good, 0, rng.normal(0, 1, count))
    heights = np.tile(np.where(good, rng.uniform(20, 40, count), rng.uniform(6, 10, count)), (2, 1))
    pairs = ScoredPairs(scores, scores, heights, np.zeros((2, count)), same, np.full(count, 1 / count))
    calibration = fit_calibration(pairs)
    asked = np.array([-1.5, 0.0, 1.5])
    sure = calibration.pairs.at(asked, calibration.quality(np.full(3, 30.0), np.zeros(3)))
    assert sure == pytest.approx(asked, abs=0.35)  # log of N(1, 2) / N(-1, 2) is the score itself
    assert calibration.pairs.at(asked, calibration.quality(np.full(3, 7.0), np.zeros(3))) == pytest.approx(0, abs=0.35)


def test_few_pairs_claim_little() -> None:
    scores = np.random.default_rng(2).permutation(np.linspace(-1, 1, 400))
    same = scores > 0
    pairs = ScoredPairs(scores, scores, np.full((2, 400), 20.0), np.zeros((2, 400)), same, np.full(400, 1 / 400))
    claimed = fit_calibration(pairs).pairs.at(np.array([-5.0, 5.0]), np.log2([20.0, 20.0]))
    assert np.abs(claimed).max() < np.log(2 * 200)


def test_blur_is_less_sharp_than_detail() -> None:
    drawn = draw(make_plate(1, "eu-de", state="clean"))
    rng = np.random.default_rng(0)
    sharp, soft = (np.mean([sharpness(view(drawn, rng, 24, level).image) for _ in range(40)]) for level in (0, 3))
    assert sharp > soft


@pytest.mark.parametrize("shade", [0, 255])
def test_a_picture_of_nothing_has_some_sharpness(shade: int) -> None:
    assert np.isfinite(sharpness(np.full((40, 128, 3), shade, np.uint8)))
