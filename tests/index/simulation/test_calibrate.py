from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.search.calibration import ANY_MODEL, Calibration, LinkScale, appearance_llr, packaged_calibration
from index.search.fusion import Llrs, log_odds, to_probability
from index.search.links import trust_in
from index.search.measured import Measured
from index.search.travel import travel_llr
from index.simulation.calibrate import (
    WEIGHTS,
    MeasuredQuestion,
    calibrate,
    fit,
    packaged_with_looks_of,
    with_former_looks,
    with_links_fitted,
    with_one_camera_fitted,
    with_weights_fitted,
)
from index.simulation.city import START
from index.simulation.options import CityOptions, CityRecord, read_city_record, write_city_record
from index.simulation.synthetic.draw_sighting import MODEL_ID
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive

OPTIONS = CityOptions(seed=6, cameras=4, vehicles=40, minutes=8, preset="easy")


def _questions(
    seed: int, count: int = 60, gallery: int = 80, expected: float = 2.0, *, of_one_camera: float = 0.0
) -> list[MeasuredQuestion]:
    """Return questions of known distributions: normal similarities, and travel llrs from two normals.

    A share `of_one_camera` is of the target's own, where similarities spread twice as far.
    """
    rng, of_own = np.random.default_rng(seed), int(of_one_camera * gallery)
    own = np.arange(gallery) < of_own
    made = []
    for _ in range(count):
        same = rng.random(gallery) < expected / gallery
        similarity = rng.normal(0.4, np.where(own, 0.2, 0.1)) + 0.25 * same
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
            nothing,
            np.full(gallery, float(gallery)),
            np.full(gallery, 60.0),
            own,
            nothing,
            nothing,
        )
        made.append(MeasuredQuestion(measured, same))
    return made


def _predicted(calibration: Calibration, question: MeasuredQuestion) -> np.ndarray:
    measured = question.measured
    looks = appearance_llr(measured.similarity, calibration.scale_of("histogram"), measured.one_camera)
    travel = travel_llr(measured.drive, measured.possible, calibration.drive_share(measured.window_s))
    missing = np.full(len(looks), np.nan)
    llrs = Llrs(looks, measured.plate, travel, measured.direction, measured.way_back, missing)
    return to_probability(log_odds(llrs, measured.gallery_size, measured.window_s, calibration))


def test_probabilities_are_calibrated_on_held_out_questions() -> None:
    calibration = fit(_questions(1), seeds=[1], made="2026-05-04")
    held_out = _questions(2)
    probabilities = np.concatenate([_predicted(calibration, question) for question in held_out])
    truth = np.concatenate([question.same for question in held_out])
    assert probabilities.sum() == pytest.approx(truth.sum(), rel=0.2)
    likely = probabilities > 0.5
    assert truth[likely].mean() == pytest.approx(probabilities[likely].mean(), abs=0.1)
    assert np.mean((probabilities - truth) ** 2) < 0.6 * truth.mean() * (1 - truth.mean())


def test_as_many_are_predicted_as_there_are_where_few_others_were_seen() -> None:
    questions = _questions(1, count=400, gallery=6, expected=3.0)
    calibration = fit(questions, seeds=[1], made="2026-05-04")
    predicted = sum(_predicted(calibration, question).sum() for question in questions)
    assert predicted == pytest.approx(sum(question.same.sum() for question in questions), rel=0.01)


@pytest.mark.parametrize("galleries", [pytest.param((80,), id="alike"), pytest.param((20, 800), id="small and large")])
def test_fitted_looks_say_what_the_distributions_say(galleries: tuple[int, ...]) -> None:
    questions = [question for gallery in galleries for question in _questions(gallery, count=200, gallery=gallery)]
    scale = fit(questions, seeds=[1], made="2026-05-04").looks["histogram"]
    gallery = np.append(np.random.default_rng(4).normal(0.4, 0.1, 400), [0.55, 0.65, 0.75])
    llrs = appearance_llr(gallery, scale)[-3:]
    assert llrs == pytest.approx(25 * (gallery[-3:] - 0.4) - 3.125, abs=0.5)


def test_looks_of_one_camera_are_fitted_apart() -> None:
    scale = fit(_questions(80, count=400, of_one_camera=0.25), seeds=[1], made="2026-05-04").looks["histogram"]
    gallery = np.append(np.random.default_rng(4).normal(0.4, 0.1, 400), [0.55, 0.65, 0.75])
    of_two, of_one = (appearance_llr(gallery, scale, np.full(403, own))[-3:] for own in (False, True))
    assert of_two == pytest.approx(25 * (gallery[-3:] - 0.4) - 3.125, abs=0.5)
    assert of_one == pytest.approx(6.25 * (gallery[-3:] - 0.4) - 0.78, abs=0.5)


def test_looks_of_one_camera_do_not_tell_again_what_other_evidence_tells() -> None:
    questions = [_coming_back(question) for question in _questions(80, count=400, of_one_camera=0.25)]
    before = fit(_questions(80, count=400, of_one_camera=0.25), seeds=[1], made="2026-05-04")
    after = with_one_camera_fitted(replace(before, weights=replace(before.weights, way_back=1.0)), questions)
    own = np.concatenate([question.measured.one_camera for question in questions])
    truth = np.concatenate([question.same for question in questions])[own]
    wrong, right = (
        np.abs(np.concatenate([_predicted(one, question) for question in questions])[own].sum() / truth.sum() - 1)
        for one in (replace(before, weights=replace(before.weights, way_back=1.0)), after)
    )
    assert wrong > 0.3
    assert right < 0.02
    others = {"one_camera_bias": 0.0, "one_camera_per_similarity": 0.0}
    assert replace(after.looks["histogram"], **others) == replace(before.looks["histogram"], **others)


def _coming_back(question: MeasuredQuestion) -> MeasuredQuestion:
    """Return a question in which whoever comes back past the camera asked about is told by the way, too."""
    way_back = np.where(question.measured.one_camera, np.where(question.same, 2.0, -2.0), np.nan)
    return replace(question, measured=replace(question.measured, way_back=way_back))


def test_too_few_of_one_camera_are_worth_what_those_of_two_are() -> None:
    scale = fit(_questions(80, of_one_camera=0.02), seeds=[1], made="2026-05-04").looks["histogram"]
    assert (scale.one_camera_bias, scale.one_camera_per_similarity) == (0.0, 0.0)


def test_vehicles_that_nobody_saw_make_sightings_less_likely_but_not_looks_worth_less() -> None:
    questions = _questions(1, count=120)
    absent = [one for one in _questions(2, count=400) if not one.same.any()][:40]
    assert len(absent) == 40
    without, with_absent = (fit(some, seeds=[1], made="2026-05-04") for some in (questions, [*questions, *absent]))
    assert with_absent.drives + with_absent.errands_per_hour / 60 < 0.85 * (
        without.drives + without.errands_per_hour / 60
    )
    at = np.append(questions[0].measured.similarity, 0.65)
    llrs = [appearance_llr(at, one.looks["histogram"])[-1] for one in (without, with_absent)]
    assert llrs[0] == pytest.approx(llrs[1], abs=0.3)


def test_no_weight_is_negative_even_where_the_evidence_misleads() -> None:
    misled = [
        MeasuredQuestion(
            replace(question.measured, drive=-5 * question.measured.drive),
            question.same,
        )
        for question in _questions(3)
    ]
    weights = fit(misled, seeds=[1], made="2026-05-04").weights
    assert min(weights.appearance, weights.plate, weights.travel, weights.direction) >= 0


def test_evidence_that_the_fit_never_saw_keeps_weight_one() -> None:
    weights = fit(_questions(1), seeds=[1], made="2026-05-04").weights
    assert weights.plate == pytest.approx(1.0)


def test_a_model_without_calibration_is_trusted_less() -> None:
    calibration = fit(_questions(1), seeds=[1], made="2026-05-04")
    assert calibration.scale_of("never heard of") == calibration.looks[ANY_MODEL]
    assert calibration.looks[ANY_MODEL].limit < calibration.looks["histogram"].limit


def test_too_few_true_pairs_are_refused() -> None:
    with pytest.raises(ArchiveError, match="add cities"):
        fit(_questions(1, count=1), seeds=[1], made="2026-05-04")


def test_new_looks_leave_all_else_as_packaged() -> None:
    fitted, packaged = fit(_questions(1), seeds=[1], made="2026-05-04"), packaged_calibration()
    both = packaged_with_looks_of(fitted)
    assert both.looks == {**packaged.looks, "histogram": fitted.looks["histogram"]}
    assert replace(both, looks=packaged.looks) == packaged


def test_new_weights_leave_the_looks_as_they_are() -> None:
    before = fit(_questions(1), seeds=[1], made="2026-05-04")
    deaf = replace(before, weights=replace(before.weights, travel=0.1), drives=9.0)
    after = with_weights_fitted(deaf, _questions(1), seeds=[2], made="2026-05-05")
    assert after.looks == before.looks
    assert after.weights == before.weights
    assert after.drives == before.drives
    assert (after.origin.seeds, after.origin.made) == ((2,), "2026-05-05")


def test_no_evidence_counts_more_than_in_full() -> None:
    timid = [
        replace(question, measured=replace(question.measured, drive=question.measured.drive / 3))
        for question in _questions(1, count=200)
    ]
    assert fit(timid, seeds=[1], made="2026-05-04").weights.travel == 1.0


def test_looks_that_were_not_fitted_are_worth_in_a_search_what_they_were() -> None:
    fitted, packaged = fit(_questions(1), seeds=[1], made="2026-05-04"), packaged_calibration()
    both = with_former_looks(fitted)
    assert both.looks["histogram"] == fitted.looks["histogram"]
    similarity = np.linspace(0.0, 1.0, 30)
    for model in set(packaged.looks) - {ANY_MODEL}:
        before = packaged.weights.appearance * appearance_llr(similarity, packaged.looks[model])
        assert both.weights.appearance * appearance_llr(similarity, both.looks[model]) == pytest.approx(before)


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = fit(_questions(1), seeds=[4, 1], made="2026-05-04")
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert calibration.origin.seeds == (1, 4)


def test_a_file_that_is_no_calibration_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ArchiveError, match=r"other\.json is no calibration"):
        Calibration.load(tmp_path / "other.json")


def test_a_calibration_says_what_it_was_fitted_on(tmp_path: Path) -> None:
    city = tmp_path / "city"
    with Archive.create(city / "archive") as archive:
        make_sightings(city, OPTIONS, archive)
    fitted, origin = calibrate([city], queries=12)
    assert fitted.origin == origin
    assert origin.seeds == (6,)
    assert origin.questions == 12 + 6
    assert 1 <= origin.absent <= 6
    assert 20 <= origin.same < origin.pairs
    assert MODEL_ID in fitted.looks
    weighed, _ = calibrate([city], queries=12, only=WEIGHTS)
    assert weighed.looks == packaged_calibration().looks
    assert weighed.origin.questions == origin.questions


def test_cities_of_published_figures_are_never_fitted_on(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    write_city_record(tmp_path, CityRecord.of(replace(OPTIONS, seed=10_000), START))
    with pytest.raises(ArchiveError, match="seeds from 10000 on are for published figures"):
        calibrate([tmp_path], queries=1)


def test_foreign_cities_are_never_fitted_on(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    write_city_record(tmp_path, CityRecord.of(replace(OPTIONS, preset="foreign"), START))
    with pytest.raises(ArchiveError, match="preset foreign, which nothing may be fitted on"):
        calibrate([tmp_path], queries=1)


def test_what_a_city_was_made_from_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    about = CityRecord.of(OPTIONS, START)
    write_city_record(tmp_path, about)
    assert read_city_record(tmp_path) == about


@pytest.mark.parametrize("text", ["{}", "{", "[]"])
def test_a_damaged_description_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "city.json").write_text(text)
    with pytest.raises(ArchiveError, match="is damaged"):
        read_city_record(tmp_path)


def test_what_links_are_worth_is_fitted_as_a_search_trusts_them() -> None:
    rng, true, made = np.random.default_rng(3), LinkScale(bias=0.5, alone=0.2, reached=1.1), []
    for question in _questions(4):
        count = len(question.same)
        reached, alone = np.clip(rng.beta(0.4, 2.0, count), 1e-6, 0.999), rng.normal(-2.0, 2.0, count)
        trust = trust_in(question.measured.gallery_size)
        odds = (1 - trust) * alone + trust * true.log_odds(alone, reached)
        measured = replace(question.measured, alone=alone, reached=reached)
        made.append(MeasuredQuestion(measured, rng.random(count) < to_probability(odds)))
    fitted = with_links_fitted(replace(packaged_calibration(), links=LinkScale(plate=0.4)), made).links
    assert (fitted.bias, fitted.alone, fitted.reached) == pytest.approx((0.5, 0.2, 1.1), abs=0.2)
    assert fitted.plate == 0.4
