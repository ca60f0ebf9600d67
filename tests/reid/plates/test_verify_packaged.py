import numpy as np
import pytest

from reid.evaluation.plate_pairs import ComparisonMethods, MethodScore, draw_pairs, measure_methods
from reid.plates.verify import PlateVerifier, installed_verifier
from reid.weights import PACKAGED

CORNERS = ((0.0, 0.0), (60.0, 0.0), (60.0, 14.0), (0.0, 14.0))


@pytest.fixture(scope="module")
def verifier() -> PlateVerifier:
    found = installed_verifier()
    assert found is not None
    return found


def at_level(verifier: PlateVerifier, height_px: float, severity: int) -> MethodScore:
    (measured,) = measure_methods(draw_pairs(24, height_px, severity, seed=6_000), ComparisonMethods(verifier))
    return measured


def test_different_plates_are_distinguished_even_if_unreadable(verifier: PlateVerifier) -> None:
    told = at_level(verifier, 12, 2).other
    assert told.auc.value is not None
    assert told.auc.value > 0.97


def test_twins_are_distinguished_in_good_pictures(verifier: PlateVerifier) -> None:
    told = at_level(verifier, 24, 1).twins
    assert told.auc.value is not None
    assert told.auc.value > 0.93


def test_less_is_claimed_of_small_plates(verifier: PlateVerifier) -> None:
    small, large = (np.median(at_level(verifier, *level).llrs.same) for level in ((8, 2), (24, 1)))
    assert small < large - 2


def test_the_llr_of_a_pair_is_the_same_in_either_order(verifier: PlateVerifier) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (14, 60, 3)).astype(np.uint8) for _ in range(2)]
    first, second = (verifier.appearance([(picture, CORNERS)]) for picture in pictures)
    assert verifier.llr(first, second) == pytest.approx(verifier.llr(second, first), abs=1e-3)


@pytest.mark.parametrize("side", [1, 4, 40])
def test_pictures_of_nothing_give_finite_ratios(verifier: PlateVerifier, side: int) -> None:
    black = np.zeros((side, side, 3), np.uint8)
    corners = ((0.0, 0.0), (float(side), 0.0), (float(side), float(side)), (0.0, float(side)))
    looks = verifier.appearance([(black, corners)])
    assert np.isfinite(verifier.llr(looks, looks)).all()


def test_no_plates_have_no_features(verifier: PlateVerifier) -> None:
    looks = verifier.appearance([])
    assert len(looks) == 0
    assert len(verifier.llr(looks, looks)) == 0


def test_cosines_give_a_larger_llr_the_better_plates_are_visible(verifier: PlateVerifier) -> None:
    rising = verifier.coarse_llr(np.array([-0.2, 0.3, 0.9]), np.full(3, 20.0), np.full(3, 20.0))
    assert (np.diff(rising) > 0).all()


def test_the_file_is_small() -> None:
    assert (PACKAGED / "verifier.onnx").stat().st_size < 2_500_000
