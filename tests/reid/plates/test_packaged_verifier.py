import numpy as np
import pytest

from reid.evaluation.plate_pairs import Measured, Methods, draw_pairs, measure
from reid.plates.verify import PlateVerifier, installed_verifier
from reid.weights import PACKAGED

CORNERS = ((0.0, 0.0), (60.0, 0.0), (60.0, 14.0), (0.0, 14.0))


@pytest.fixture(scope="module")
def verifier() -> PlateVerifier:
    found = installed_verifier()
    assert found is not None
    return found


def at_level(verifier: PlateVerifier, height_px: float, severity: int) -> Measured:
    (measured,) = measure(draw_pairs(24, height_px, severity, seed=6_000), Methods(verifier))
    return measured


def test_other_plates_are_told_apart_where_nobody_can_read_them(verifier: PlateVerifier) -> None:
    told = at_level(verifier, 12, 2).other
    assert told.auc.value is not None
    assert told.auc.value > 0.97


def test_twins_are_told_apart_where_they_are_seen_well(verifier: PlateVerifier) -> None:
    told = at_level(verifier, 24, 1).twins
    assert told.auc.value is not None
    assert told.auc.value > 0.93


def test_less_is_claimed_of_small_plates(verifier: PlateVerifier) -> None:
    small, large = (np.median(at_level(verifier, *level).ratios.same) for level in ((8, 2), (24, 1)))
    assert small < large - 2


def test_a_pair_is_worth_the_same_whichever_stands_first(verifier: PlateVerifier) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (14, 60, 3)).astype(np.uint8) for _ in range(2)]
    first, second = (verifier.look([(picture, CORNERS)]) for picture in pictures)
    assert verifier.llr(first, second) == pytest.approx(verifier.llr(second, first), abs=1e-3)


@pytest.mark.parametrize("side", [1, 4, 40])
def test_pictures_of_nothing_give_finite_ratios(verifier: PlateVerifier, side: int) -> None:
    black = np.zeros((side, side, 3), np.uint8)
    corners = ((0.0, 0.0), (float(side), 0.0), (float(side), float(side)), (0.0, float(side)))
    looks = verifier.look([(black, corners)])
    assert np.isfinite(verifier.llr(looks, looks)).all()


def test_nothing_looked_at_is_nothing(verifier: PlateVerifier) -> None:
    looks = verifier.look([])
    assert len(looks) == 0
    assert len(verifier.llr(looks, looks)) == 0


def test_cosines_are_worth_more_the_better_plates_are_seen(verifier: PlateVerifier) -> None:
    rising = verifier.coarse_llr(np.array([-0.2, 0.3, 0.9]), np.full(3, 20.0), np.full(3, 20.0))
    assert (np.diff(rising) > 0).all()


def test_the_file_is_small() -> None:
    assert (PACKAGED / "verifier.onnx").stat().st_size < 2_500_000
