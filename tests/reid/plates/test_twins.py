"""What pictures of plates are worth among vehicles that look the same."""

from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.evaluation.plate_pairs import draw_pairs
from reid.plates.curves import Curve, Curves
from reid.plates.twins import TwinCurves, among_alike, read_twin_curves, twin_curves, write_twin_curves
from reid.plates.verify import PlateVerifier, corners_of, installed_verifier

LOOKS_THE_SAME = 6.0


def one(llr: float, twin_llr: float, appearance: float) -> float:
    return float(among_alike(np.array([llr]), np.array([twin_llr]), np.array([appearance]))[0])


def test_a_picture_that_shows_no_single_character_says_nothing_of_who_looks_the_same() -> None:
    """It counted 5, whoever looked the same; with the looks a twin had over 0.9."""
    assert one(5.0, 0.0, LOOKS_THE_SAME) < 0.2
    assert one(5.0, 0.0, float("nan")) == one(5.0, 0.0, 0.0) > 3.5


def test_a_picture_that_shows_each_character_counts() -> None:
    assert one(6.0, 5.0, LOOKS_THE_SAME) > 3.5


def test_what_speaks_against_a_plate_stays_as_it_is() -> None:
    """Real pictures are worse than drawn ones: of the vehicle itself, too, they often speak a little against it."""
    assert one(-1.0, -3.0, LOOKS_THE_SAME) == pytest.approx(-1.0)
    assert one(1.0, -3.0, LOOKS_THE_SAME) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("llr", [-6.0, -1.0, 0.5, 6.0])
def test_doubt_only_takes_away_and_rises_with_the_looks(llr: float) -> None:
    counted = [one(llr, twin, looks) for twin in (-3.0, 2.0, 9.0) for looks in (-4.0, 0.0, 4.0, 60.0)]
    assert max(counted) <= llr + 1e-9
    for start in (0, 4, 8):
        assert (np.diff(counted[start : start + 4]) < 1e-9).all()


def test_a_missing_comparison_stays_missing() -> None:
    assert np.isnan(one(float("nan"), float("nan"), 3.0))


def test_drawn_twins_in_small_pictures_count_little_and_less_than_the_plate_itself() -> None:
    """Of twins at 12 px one in ten had 3.5 and more: with the looks of a fleet, 0.9."""
    verifier = installed_verifier()
    assert isinstance(verifier, PlateVerifier)
    pairs = draw_pairs(24, 12, 2, seed=6_000)
    looks = verifier.appearance([(seen.image, corners_of(seen.corners)) for seen in pairs.views])
    counted = {}
    for kind, (first, second) in {"same": pairs.same, "twins": pairs.twins}.items():
        llrs, twins = verifier.both_llrs(looks.take(first), looks.take(second))
        np.testing.assert_allclose(llrs, verifier.llr(looks.take(first), looks.take(second)))
        counted[kind] = among_alike(llrs, twins, np.full(len(llrs), LOOKS_THE_SAME))
    assert np.quantile(counted["twins"], 0.99) < 2.3
    assert np.median(counted["same"]) > np.quantile(counted["twins"], 0.9)


def test_of_an_unknown_verifier_nothing_is_known() -> None:
    assert twin_curves("another") is None


def test_curves_survive_being_written_and_other_files_are_refused(tmp_path: Path) -> None:
    curves = TwinCurves("verifier-1", Curves((1.0, 2.0), (Curve((0.0, 1.0), (-1.0, 1.0)), Curve((0.0,), (0.5,)))))
    write_twin_curves(curves, tmp_path / "twins.json")
    assert read_twin_curves(tmp_path / "twins.json") == curves
    (tmp_path / "twins.json").write_text("{}")
    with pytest.raises(SeeingError, match="retrace train twins"):
        read_twin_curves(tmp_path / "twins.json")
