from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.plates.fusion import FusionWeights, fused_llr, learned_weights, read_weights, write_weights
from reid.training.plates.calibration import PairLlrs, fit_fusion

WEIGHTS = FusionWeights(sure=4.0, text_unsure=1.0, looks_unsure=1.0, text_sure=1.0, looks_sure=0.0)
NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "looks", "expected"),
    [
        pytest.param(0.0, 2.0, 2.0, id="nothing read: the looks"),
        pytest.param(9.0, -2.0, 9.0, id="surely read: the text"),
        pytest.param(-9.0, 2.0, -9.0, id="surely another: the text"),
        pytest.param(2.0, 2.0, 3.0, id="half sure: half of the looks"),
        pytest.param(NAN, 2.0, 2.0, id="unreadable"),
        pytest.param(2.0, NAN, 2.0, id="no looks"),
        pytest.param(NAN, NAN, NAN, id="nothing"),
    ],
)
def test_text_and_appearance_are_joined(text: float, looks: float, expected: float) -> None:
    fused = fused_llr(np.array([text]), np.array([looks]), WEIGHTS)
    assert fused == pytest.approx(expected, nan_ok=True)


def test_many_pairs_are_joined_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    text, looks = rng.normal(0, 5, 30), rng.normal(0, 2, 30)
    alone = [fused_llr(text[row : row + 1], looks[row : row + 1])[0] for row in range(30)]
    assert fused_llr(text, looks) == pytest.approx(alone)


def test_the_packaged_weights_trust_agreement_of_text_and_appearance() -> None:
    fused = fused_llr(np.array([14.0, -9.0]), np.array([3.0, -3.0]))
    assert fused[0] > 3
    assert fused[1] < -3


def test_the_packaged_weights_never_turn_evidence_round() -> None:
    text, looks = (side.ravel() for side in np.meshgrid(np.linspace(-10, 16, 27), np.linspace(-7, 7, 15)))
    fused = fused_llr(text, looks)
    assert (fused_llr(text, looks + 1) > fused).all()


def test_weights_survive_being_written(tmp_path: Path) -> None:
    write_weights(WEIGHTS, tmp_path / "fusion.json")
    assert read_weights(tmp_path / "fusion.json") == WEIGHTS
    assert learned_weights().sure > 0


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fusion.json").write_text('{"colour": 1}')
    with pytest.raises(SeeingError, match="retrace train fusion"):
        read_weights(tmp_path / "fusion.json")


def test_weights_are_those_that_made_the_pairs() -> None:
    """Texts that say twice as much as they should, beside looks that are right: the first count half."""
    rng = np.random.default_rng(3)
    count = 60_000
    same = rng.random(count) < 0.5
    sign = np.where(same, 1.0, -1.0)
    text, looks = (2 * rng.normal(sign, np.sqrt(2), count) for _ in range(2))
    fitted = fit_fusion(PairLlrs(text, looks / 2, same, np.ones(count)))
    assert fitted.text_unsure == pytest.approx(0.5, abs=0.2)
    assert fitted.text_sure == pytest.approx(0.5, abs=0.2)
    assert fitted.looks_unsure == pytest.approx(1.0, abs=0.2)
    assert fitted.looks_sure > 0.5


def test_appearance_never_outweighs_a_sure_text_even_if_it_is_right_on_drawn_plates() -> None:
    rng = np.random.default_rng(4)
    same = np.arange(4000) % 2 == 0
    looks = np.where(same, 3.0, -3.0) + rng.normal(0, 0.5, len(same))
    text = np.where(same, 9.0, -9.0) * rng.choice([1, -1], len(same), p=[0.7, 0.3])
    fitted = fit_fusion(PairLlrs(text, looks, same, np.ones(len(same))))
    assert fitted.looks_sure <= fitted.text_sure + 1e-4
    assert learned_weights().looks_sure <= learned_weights().text_sure + 1e-4
