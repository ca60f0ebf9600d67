"""Fit the calibration of the search on simulated cities whose truth is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.access.permissions import local_person
from index.answers import Query
from index.errors import ArchiveError
from index.search.calibration import (
    ANY_MODEL,
    AppearanceScale,
    Calibration,
    EvidenceWeights,
    FittedOn,
    appearance_llr,
    packaged_calibration,
    z_score,
)
from index.search.fusion import ALONE, NEVER, Llrs, prior_log_odds
from index.search.links import trust_in
from index.search.measured import Measured, measure
from index.search.travel import travel_llr
from index.simulation.logistic import LogisticFit, LogOdds, fit_logistic
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import fitting_seed
from index.simulation.questions import HORIZON_S, draw_absent_questions, draw_questions
from index.store.archive import Archive
from reid.arrays import Flags, Floats

LOOKS, WEIGHTS, LINKS = "looks", "weights", "links"
"""What of a calibration can be fitted alone."""

RIDGE = 3.0
"""Pulls each weight towards 1 as strongly as three hard cases would: few questions must not overturn Bayes."""
ERRANDS_PER_DRIVE_AND_HOUR = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
FEWEST_SAME = 20
LEAST_WEIGHT = 0.01

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MeasuredQuestion:
    """A measured question and its truth: `same[i]` says whether sighting i shows the target."""

    measured: Measured
    same: Flags


def calibrate(
    cities: Sequence[Path], *, queries: int, only: str | None = None, progress: Progress | None = None
) -> tuple[Calibration, FittedOn]:
    """Return a whole calibration fitted on the cities, and what was fitted; the archive of each is its `archive`.

    A third of the questions are about vehicles that no other camera saw: who asks does not know beforehand. With `only`
    LOOKS, WEIGHTS or LINKS all else stays as packaged.
    """
    say = progress or (lambda line: None)
    seeds = [fitting_seed(city) for city in cities]
    questions: list[MeasuredQuestion] = []
    for city in cities:
        questions += measure_city(city, queries, absent=queries // 2)
        say(f"{city}: {len(questions)} questions so far")
    made = datetime.now(UTC).date().isoformat()
    if only == WEIGHTS:
        weighed = with_weights_fitted(packaged_calibration(), questions, seeds=seeds, made=made)
        return weighed, weighed.origin
    if only == LINKS:
        return with_links_fitted(packaged_calibration(), questions), _fitted_on(questions, seeds, made)
    fitted = fit(questions, seeds=seeds, made=made)
    if only == LOOKS:
        return with_one_camera_fitted(packaged_with_looks_of(fitted), questions), fitted.origin
    return with_former_looks(fitted), fitted.origin


def packaged_with_looks_of(fitted: Calibration) -> Calibration:
    """Return the packaged calibration with the scales of the appearance models of another one.

    For new weights: what plates, travel and directions are worth has not changed with them, and unfilmed cities need
    not be made again.
    """
    packaged = packaged_calibration()
    own = {model: scale for model, scale in fitted.looks.items() if model != ANY_MODEL}
    return replace(packaged, looks={**packaged.looks, **own})


def with_former_looks(fitted: Calibration) -> Calibration:
    """Return the calibration with the packaged scales of the models that were not fitted, in a search worth as much.

    Archives may still use these models.
    """
    packaged = packaged_calibration()
    worth = packaged.weights.appearance / max(fitted.weights.appearance, LEAST_WEIGHT)
    former = {model: scale.times(worth) for model, scale in packaged.looks.items() if model not in fitted.looks}
    return replace(fitted, looks={**former, **fitted.looks}, links=packaged.links)


def measure_city(city: Path, queries: int, *, absent: int = 0) -> list[MeasuredQuestion]:
    """Ask a city's questions, and label every sighting that the search measured.

    `absent` questions more are about vehicles that no other camera saw.
    """
    archive = Archive.open(city / "archive")
    truth = read_truth(city)
    matched = match_archive(archive, city, truth)
    sightings, seed, measured = matched.known_sightings(truth), fitting_seed(city), []
    seen = draw_questions(sightings, truth.passages, n=queries, seed=seed)
    for question in [*seen, *draw_absent_questions(sightings, truth.passages, n=absent, seed=seed)]:
        query = Query(sighting=question.sighting, horizon_s=HORIZON_S, reason="calibration")
        evidence = measure(archive, query, local_person())
        same = [matched.matches[id_].vehicle == question.vehicle for id_ in evidence.ids]
        measured.append(MeasuredQuestion(evidence, np.array(same, bool)))
    return measured


def fit(questions: Sequence[MeasuredQuestion], *, seeds: Sequence[int], made: str) -> Calibration:
    """Return the calibration under which the truth of the questions is most likely; `made` is the date."""
    origin = _fitted_on(questions, seeds, made)
    return with_one_camera_fitted(_weighed(_fit_looks(questions), questions, origin), questions)


def with_weights_fitted(
    calibration: Calibration, questions: Sequence[MeasuredQuestion], *, seeds: Sequence[int], made: str
) -> Calibration:
    """Return the calibration with its looks as they are, and all else that a search weighs fitted beside them."""
    return _weighed(calibration.looks, questions, _fitted_on(questions, seeds, made))


def with_links_fitted(calibration: Calibration, questions: Sequence[MeasuredQuestion]) -> Calibration:
    """Return the calibration with what it is worth to be reached over links, which stay as they are."""
    alone = _joined(questions, lambda q: q.measured.alone)
    reached = _joined(questions, lambda q: q.measured.reached)
    trust = trust_in(_joined(questions, lambda q: q.measured.gallery_size))
    known, same = ~np.isnan(reached), _joined(questions, lambda q: q.same) > 0
    evidence = np.column_stack([alone, np.log(reached) - np.log1p(-reached)])[known]
    log_odds = _trusted(trust[known], alone[known])
    fit = fit_logistic(evidence, same[known], log_odds, prior=np.ones(2), ridge=1e-2)
    by_itself, over_links = fit.slopes
    return replace(calibration, links=replace(calibration.links, bias=fit.bias, alone=by_itself, reached=over_links))


def _trusted(trust: Floats, alone: Floats) -> LogOdds:
    """Return the log odds over links, trusted so far beside those of each alone."""

    def log_odds(bias: float, evidence: Floats) -> tuple[Floats, Floats, Floats]:
        return (1 - trust) * alone + trust * (bias + evidence), trust, trust

    return log_odds


def _fitted_on(questions: Sequence[MeasuredQuestion], seeds: Sequence[int], made: str) -> FittedOn:
    """Return what is fitted on, and refuse what is too little."""
    pairs, same = sum(q.same.size for q in questions), int(sum(q.same.sum() for q in questions))
    if same < FEWEST_SAME or same == pairs:
        raise ArchiveError(
            f"{same} of {pairs} pairs are of one vehicle, at least {FEWEST_SAME} of each kind are needed: add cities"
        )
    absent = sum(not q.same.any() for q in questions)
    return FittedOn(made, tuple(sorted(seeds)), len(questions), pairs, same, absent)


def _weighed(
    looks: Mapping[str, AppearanceScale], questions: Sequence[MeasuredQuestion], origin: FittedOn
) -> Calibration:
    fits = [(_fit_weights(questions, looks, errands), errands) for errands in ERRANDS_PER_DRIVE_AND_HOUR]
    best, errands = max(fits, key=lambda fit: fit[0].log_likelihood)
    drives = float(np.exp(best.bias))
    return Calibration(looks, EvidenceWeights(*best.slopes), drives, errands * drives, origin)


def with_one_camera_fitted(calibration: Calibration, questions: Sequence[MeasuredQuestion]) -> Calibration:
    """Return the calibration with the looks of pictures of one camera fitted beside all else that a search weighs.

    Who comes back past a camera mostly comes the other way, and not at once: looks must not tell that again.
    """
    models = sorted({q.measured.model_id for q in questions if q.measured.model_id is not None})
    looks = dict(calibration.looks)
    for model in models:
        looks[model] = _beside_all_else(calibration, model, [q for q in questions if q.measured.model_id == model])
    return replace(calibration, looks=looks)


def _beside_all_else(calibration: Calibration, model: str, questions: Sequence[MeasuredQuestion]) -> AppearanceScale:
    """Return the scale of a model with the curve of one camera fitted; as it is where too few pairs tell."""
    scale, worth = calibration.looks[model], calibration.weights.appearance
    similarity, same = _joined(questions, lambda q: q.measured.similarity), _joined(questions, lambda q: q.same) > 0
    rows = ~np.isnan(similarity) & (_joined(questions, lambda q: q.measured.one_camera) > 0)
    if same[rows].sum() < FEWEST_SAME or not worth:
        return scale
    given = scale.bias + scale.per_z_score * _joined(questions, lambda q: z_score(q.measured.similarity, scale))
    others = np.concatenate([_all_but_looks(calibration, q.measured) for q in questions])
    log_odds = _bent_log_odds(scale.limit, others[rows], given[rows], worth)
    centre = np.array([scale.per_similarity + scale.one_camera_per_similarity])
    one = fit_logistic(similarity[rows, None], same[rows], log_odds, prior=centre, ridge=1e-2)
    return replace(scale, one_camera_bias=one.bias, one_camera_per_similarity=one.slopes[0] - scale.per_similarity)


def _all_but_looks(calibration: Calibration, measured: Measured) -> Floats:
    """Return the log odds of each sighting by all evidence but looks, (n,)."""
    errands = calibration.errands_per_hour / calibration.drives
    weights = [getattr(calibration.weights, kind) for kind in ALONE]
    evidence = llr_columns(replace(measured, model_id=None), {}, errands) @ weights
    return np.asarray(evidence + prior_log_odds(calibration.passages(measured.window_s), measured.gallery_size))


def _fit_looks(questions: Sequence[MeasuredQuestion]) -> dict[str, AppearanceScale]:
    """Fit each appearance model, and derive a cautious scale for models that were never fitted."""
    models = sorted({q.measured.model_id for q in questions if q.measured.model_id is not None})
    scales = {model: _fit_scale([q for q in questions if q.measured.model_id == model]) for model in models}
    cautious = min(scales.values(), key=lambda scale: scale.per_z_score + scale.per_similarity * scale.spread)
    return {**scales, ANY_MODEL: _z_score_only(cautious)}


def _fit_scale(questions: Sequence[MeasuredQuestion]) -> AppearanceScale:
    """Fit one model: logistic regression of the truth on similarity and Z-score, kept within the limit as in a search.

    The offset is the base rate: each gallery, large or small, is expected to hold as many right sightings as the mean.
    Pairs of one camera are fitted apart: of their own base rate, and with the same worth of a Z-score.
    """
    similarity, same = _joined(questions, lambda q: q.measured.similarity), _joined(questions, lambda q: q.same) > 0
    different = similarity[~same & ~np.isnan(similarity)]
    blank = AppearanceScale(float(np.median(different)), float(np.std(different)), 0.0, 0.0, 0.0, 0.0)
    z_scores = _joined(questions, lambda q: z_score(q.measured.similarity, blank))
    known, of_one = ~np.isnan(similarity), _joined(questions, lambda q: q.measured.one_camera) > 0
    # Odds that none of so many different pairs contradicted.
    limit = float(np.log(max(different.size, 2.0)))
    apart, together = known & ~of_one, known & of_one
    log_odds = _bent_log_odds(limit, _base_rate(questions, apart, same))
    features = np.column_stack([similarity, z_scores])[apart]
    fit = fit_logistic(features, same[apart], log_odds, prior=np.zeros(2), ridge=1e-2)
    per_similarity, per_z_score = fit.slopes
    scale = AppearanceScale(blank.usual, blank.spread, fit.bias, per_similarity, per_z_score, limit)
    if same[together].sum() < FEWEST_SAME:
        return scale
    given = fit.bias + per_z_score * z_scores[together]
    log_odds = _bent_log_odds(limit, _base_rate(questions, together, same), given)
    one = fit_logistic(
        similarity[together, None], same[together], log_odds, prior=np.array([per_similarity]), ridge=1e-2
    )
    return replace(scale, one_camera_bias=one.bias, one_camera_per_similarity=one.slopes[0] - per_similarity)


def _base_rate(questions: Sequence[MeasuredQuestion], rows: Flags, same: Flags) -> Floats:
    """Return the log odds of some rows of all galleries, before anything is compared, (rows,)."""
    asked = np.repeat(np.arange(len(questions)), [q.same.size for q in questions])[rows]
    size, expected = np.bincount(asked, minlength=len(questions))[asked], same[rows].sum() / len(questions)
    return np.asarray(np.log(expected / np.maximum(size - expected, 1.0)))


def _z_score_only(scale: AppearanceScale) -> AppearanceScale:
    """Return the scale of an unknown model: as weak as the weakest known one, by Z-score alone, 20 to 1 at most."""
    slope = scale.per_z_score + scale.per_similarity * scale.spread
    return AppearanceScale(0.5, 0.2, -slope, 0.0, slope, float(np.log(20.0)))


def _fit_weights(
    questions: Sequence[MeasuredQuestion], looks: Mapping[str, AppearanceScale], errands: float
) -> LogisticFit:
    """Fit the weight of each kind of evidence and the expected number of drives, on the llrs that fusion sees.

    None counts more than in full: its llr was fitted or counted on its own.
    """
    evidence = np.vstack([llr_columns(q.measured, looks, errands) for q in questions])
    same = _joined(questions, lambda q: q.same) > 0
    passages = 1 + errands / 3600 * _joined(questions, lambda q: q.measured.window_s)
    sizes = _joined(questions, lambda q: q.measured.gallery_size)
    return fit_logistic(
        evidence, same, fused_log_odds(passages, sizes), prior=np.ones(len(ALONE)), ridge=RIDGE, most=1.0
    )


def llr_columns(measured: Measured, looks: Mapping[str, AppearanceScale], errands: float) -> Floats:
    """Return the llrs as (n, kinds), missing ones 0."""
    if measured.model_id is None:
        appearance = np.full(len(measured.ids), np.nan)
    else:
        appearance = appearance_llr(measured.similarity, looks[measured.model_id], measured.one_camera)
    travel = travel_llr(measured.drive, measured.possible, 1 / (1 + errands / 3600 * measured.window_s))
    missing = np.full(len(measured.ids), np.nan)
    llrs = Llrs(appearance, measured.plate, travel, measured.direction, measured.way_back, missing)
    return np.column_stack([np.nan_to_num(getattr(llrs, kind), neginf=NEVER) for kind in ALONE])


def _bent_log_odds(limit: float, before: Floats, given: float | Floats = 0.0, worth: float = 1.0) -> LogOdds:
    """Return the log odds of looks, bent towards a limit as `appearance_llr` does, beside the log odds before.

    `given` is what is known of the ratio already, `worth` how much looks count.
    """

    def log_odds(bias: float, evidence: Floats) -> tuple[Floats, Floats, Floats]:
        part = np.tanh((given + bias + evidence) / limit)
        return worth * limit * part + before, worth * (1 - part**2), worth * (1 - part**2)

    return log_odds


def fused_log_odds(passages: Floats, gallery_size: Floats) -> LogOdds:
    """Return the log odds of a search whose number of drives is e to the bias; `passages` are those for each drive."""

    def log_odds(bias: float, evidence: Floats) -> tuple[Floats, Floats, Floats]:
        expected = np.exp(bias) * passages
        by_bias = gallery_size / (gallery_size + expected)
        return prior_log_odds(expected, gallery_size) + evidence, by_bias, np.ones_like(evidence)

    return log_odds


def _joined(
    questions: Sequence[MeasuredQuestion], part: Callable[[MeasuredQuestion], npt.NDArray[np.generic]]
) -> Floats:
    return np.concatenate([np.asarray(part(q), dtype=np.float64) for q in questions])
