from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation.options import CityOptions
from index.simulation.synthetic.draw_sighting import MODEL_ID, READER_ID, draw_vector
from index.simulation.synthetic.fit import fit, fit_noise
from index.simulation.synthetic.fit_curves import fit_confusion, fit_curve, fit_quantiles, fit_share
from index.simulation.synthetic.observed import observe_city
from index.simulation.synthetic.seeing_noise import HeightCurve, SeeingNoise
from index.simulation.synthetic.sightings import make_sightings
from index.simulation.synthetic.similarity import PairSimilarities, SightingVectors, fit_similarity, pair_similarities
from index.store.archive import Archive
from tests.index.simulation.synthetic.noises import FAULTY

MADE = CityOptions(seed=9, cameras=6, vehicles=300, minutes=20, preset="normal")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty") / "city"
    with Archive.create(folder / "archive") as archive:
        make_sightings(folder, MADE, archive, FAULTY)
    return folder


@pytest.fixture(scope="module")
def fitted(city: Path) -> SeeingNoise:
    return fit([observe_city(city)], made="2026-05-04")


@pytest.mark.parametrize("height_px", [30, 60, 100, 300])
def test_the_share_seen_is_recovered(fitted: SeeingNoise, height_px: float) -> None:
    assert fitted.seen.at(height_px) == pytest.approx(FAULTY.seen.at(height_px), abs=0.08)


def test_duplicates_and_phantoms_are_recovered(fitted: SeeingNoise) -> None:
    assert fitted.duplicates == pytest.approx(FAULTY.duplicates, abs=0.06)
    assert fitted.phantoms.per_passage == pytest.approx(FAULTY.phantoms.per_passage, abs=0.06)


def test_confusions_are_recovered(fitted: SeeingNoise) -> None:
    assert fitted.types.rows[0][0] == pytest.approx(0.7, abs=0.05)
    assert np.mean(np.diag(fitted.colours.rows)) == pytest.approx(0.5, abs=0.08)
    assert fitted.types.sure_right.quantiles[10] == pytest.approx(0.95, abs=0.02)


def test_headings_are_recovered(fitted: SeeingNoise) -> None:
    assert fitted.headings.known_share == pytest.approx(0.6, abs=0.05)
    assert fitted.headings.wrong_share == pytest.approx(0.2, abs=0.06)
    assert fitted.headings.deviation_deg == pytest.approx(10, abs=2.5)


def test_moments_are_recovered(fitted: SeeingNoise) -> None:
    assert fitted.times.first.quantiles[10] == pytest.approx(0.1, abs=0.03)
    assert fitted.times.last.quantiles[10] == pytest.approx(0.9, abs=0.03)
    assert fitted.times.best_away.quantiles[10] == pytest.approx(0.2, abs=0.03)
    assert fitted.times.best_towards.quantiles[10] == pytest.approx(0.75, abs=0.03)


def test_plates_are_recovered(fitted: SeeingNoise) -> None:
    for height_px in (12, 20, 30):
        assert fitted.plates.read.at(height_px) == pytest.approx(FAULTY.plates.read.at(height_px), abs=0.12)
    assert fitted.plates.flawless.at(30) == pytest.approx(FAULTY.plates.flawless.at(30), abs=0.12)
    assert fitted.plates.character.at(30) == pytest.approx(FAULTY.plates.character.at(30), abs=0.1)
    assert fitted.plates.garbled_share == pytest.approx(0.15, abs=0.08)
    assert fitted.plates.dirty == pytest.approx(0.3, abs=0.2)


def test_likeness_is_recovered(fitted: SeeingNoise) -> None:
    noise, true = fitted.likeness, FAULTY.likeness
    assert noise.other == pytest.approx(true.other, abs=0.04)
    assert noise.twin == pytest.approx(true.twin, abs=0.08)
    assert noise.other_view == pytest.approx(true.other_view, abs=0.06)
    assert noise.same_view == pytest.approx(true.same_view, abs=0.06)
    assert noise.freedom == pytest.approx(true.freedom, abs=10)


def test_the_origin_counts_what_there_was(fitted: SeeingNoise) -> None:
    assert fitted.origin.seeds == (9,)
    assert fitted.origin.models == (MODEL_ID, READER_ID)
    assert fitted.origin.counts["passages"] > fitted.origin.counts["passages_seen"] > 300


def test_cities_without_video_are_not_fitted_on(city: Path) -> None:
    with pytest.raises(ArchiveError, match="made with --no-video"):
        fit_noise([city])


def test_without_counts_the_prior_stands() -> None:
    prior = HeightCurve(20, 5, 0.9)
    assert fit_curve([], [], [], prior).at(25) == pytest.approx(prior.at(25), abs=1e-3)
    assert fit_share(0, 0, 0.3) == 0.3
    assert fit_quantiles([], (0, 1, 2)).quantiles[10] == 1
    assert fit_confusion([], ("a", "b", "c"), right_prior=0.8).rows[0] == (0.8, 0.1, 0.1)


def test_one_mistake_does_not_make_a_rule() -> None:
    row = fit_confusion([("a", "b", 0.9)], ("a", "b"), right_prior=0.9).rows[0]
    assert row[0] > 0.5


@pytest.mark.parametrize("uneven", [0.0, 0.05])
def test_drawn_vectors_have_the_means_and_deviations_of_the_pairs(uneven: float) -> None:
    rng = np.random.default_rng(4)
    measured = PairSimilarities(
        other=tuple(rng.normal(0.25, 0.15, 4000)),
        twin=tuple(rng.normal(0.45, 0.1, 300)),
        other_view=tuple(rng.normal(0.6, 0.13 + uneven, 500)),
        same_view=tuple(rng.normal(0.7, 0.12 + uneven, 500)),
    )
    noise = fit_similarity(measured)
    sightings = [
        SightingVectors(
            f"{vehicle}",
            f"kind {vehicle // 2}",
            side,
            draw_vector(f"kind {vehicle // 2}", vehicle, side * 90, noise, rng)[None, :],
        )
        for vehicle in range(80)
        for side in (0, 0, 1, 1)
    ]
    made = pair_similarities(sightings)
    for name in ("other", "twin", "other_view", "same_view"):
        assert np.mean(getattr(made, name)) == pytest.approx(np.mean(getattr(measured, name)), abs=0.05), name
    assert np.std(made.other) == pytest.approx(np.std(measured.other), abs=0.03)
    if uneven:
        assert np.std(made.same_view) == pytest.approx(np.std(measured.same_view), abs=0.06)
