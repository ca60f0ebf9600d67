"""Join the kinds of evidence into one calibrated probability."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.answers import Evidence
from index.search.calibration import Calibration, EvidenceWeights
from index.search.gallery import Gallery
from index.search.question import Moment, Question
from index.search.travel import cannot_be_both, fit_from, travel_llrs
from reid.arrays import Floats

ALONE = ("appearance", "plate", "travel", "direction", "way_back")
"""The kinds of evidence of a sighting by itself; how it is linked with others comes after them."""

KINDS = (*ALONE, "links")

LEAST_PROBABLE = 0.6
"""From this probability on a sighting is an anchor where no moment was asked about and none was confirmed."""

MOST_COMPARED = 500
"""Of more likely sightings than these the drives between all are not computed, and none becomes an anchor."""

FEWEST = 4
"""Of fewer pictures than these nobody tells how fast they become less similar: those left out are as the last."""

NEVER = -50.0
"""Stands for minus infinity in sums."""


@dataclass(frozen=True, slots=True)
class Llrs:
    """Log-likelihood ratios of a gallery by kind of evidence, each (n,), NaN where missing."""

    appearance: Floats
    plate: Floats
    travel: Floats
    direction: Floats
    way_back: Floats
    links: Floats

    @classmethod
    def missing(cls, count: int) -> "Llrs":
        """Return no evidence about `count` sightings."""
        return cls(*(np.full(count, np.nan) for _ in KINDS))

    def of_rows(self, rows: Sequence[int]) -> list[Evidence]:
        """Return the evidence about the sightings of some rows."""
        by_kind = [getattr(self, kind) for kind in KINDS]
        return [Evidence(*(_known(llrs[row]) for llrs in by_kind)) for row in rows]


def probabilities(question: Question, llrs: Llrs) -> Floats:
    """Return the probability of each sighting of the gallery, each judged alone."""
    return to_probability(odds(question, llrs))


def odds(question: Question, llrs: Llrs) -> Floats:
    """Return the log odds of each sighting of the gallery, each judged alone."""
    if question.even_prior:
        return np.asarray(weighted(llrs, question.calibration.weights) - np.log(max(question.gallery.size, 1)))
    return log_odds(llrs, question.gallery_size, question.window_s, question.calibration)


def log_odds(llrs: Llrs, gallery_size: Floats, window_s: Floats, calibration: Calibration) -> Floats:
    """Return the log odds that each sighting is the target, each judged alone."""
    return prior_log_odds(calibration.passages(window_s), gallery_size) + weighted(llrs, calibration.weights)


def prior_log_odds(expected: Floats, gallery_size: Floats) -> Floats:
    """Return the log odds before any evidence: the expected passages, beside as many others as there are sightings.

    `gallery_size` is the number of sightings among which one is picked blindly. Where fewer were seen than are
    expected, nobody is likelier than not before anything is compared. Calibrations are fitted with the same odds.
    """
    return np.asarray(np.log(expected / (np.maximum(gallery_size, 1.0) + expected)))


def weighted(llrs: Llrs, weights: EvidenceWeights) -> Floats:
    """Return the sum of the llrs, each as far as it is trusted; missing ones take no part."""
    parts = [getattr(weights, kind) * np.nan_to_num(getattr(llrs, kind), neginf=NEVER) for kind in KINDS]
    return np.asarray(np.sum(parts, axis=0))


def to_probability(log_odds: Floats) -> Floats:
    """Return the probability of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, NEVER, -NEVER))))


def from_anchors(question: Question, llrs: Llrs) -> Llrs:
    """Return the llrs with travel measured from the moment asked about and from what people confirmed.

    Where neither is known, it is measured from the likeliest sighting, as far as that one is probable.
    """
    gallery, start, rows, sure = question.gallery, question.start, question.joined, 1.0
    if not rows and start is None:
        rows, sure = _likely_anchor(question, llrs)
    if not rows:
        return llrs
    anchors = [*([] if start is None else [start]), *(_moment(gallery, row) for row in rows)]
    travel = _mixed(travel_llrs(question, fit_from(question, anchors)), llrs.travel, sure)
    # An anchor is at no distance from itself: it keeps its own evidence.
    travel[rows] = llrs.travel[rows]
    return replace(llrs, travel=travel)


def _likely_anchor(question: Question, llrs: Llrs) -> tuple[list[int], float]:
    """Return the likeliest sighting and its probability; none where it is unlikely, or contradicts another likely one.

    Of two that no vehicle can both have made, as of a cloned plate or by a wrong clock, neither is an anchor.
    """
    each = probabilities(question, llrs)
    likely = np.flatnonzero(each >= LEAST_PROBABLE).tolist()
    agreeing = _without_contradictions(question, likely)
    best = max(agreeing, key=lambda row: (each[row], -row), default=None)
    return ([], 1.0) if best is None else ([best], float(each[best]))


def _mixed(llrs: Floats, otherwise: Floats, probability: float) -> Floats:
    """Return the llrs of what is true with a probability, and of what holds otherwise; one that is missing is 0."""
    if probability == 1.0:
        return llrs
    with np.errstate(divide="ignore", invalid="ignore"):
        likely = np.log(probability) + np.where(np.isnan(llrs), 0.0, llrs)
        unlikely = np.log1p(-probability) + np.where(np.isnan(otherwise), 0.0, otherwise)
        return np.where(np.isnan(llrs) & np.isnan(otherwise), np.nan, np.logaddexp(likely, unlikely))


def _without_contradictions(question: Question, rows: Sequence[int]) -> list[int]:
    """Return the rows of which none is too near in time to another for the drive between, or of another plate."""
    if len(rows) > MOST_COMPARED:
        return []
    contradicting = question.of_two_plates(rows)
    if question.drives is not None:
        cameras = [question.gallery.cameras[row] for row in rows]
        contradicting |= cannot_be_both(question.drives, cameras, question.gallery.time_s[list(rows)])
    agreeing: list[int] = np.asarray(rows, dtype=np.int64)[~contradicting.any(axis=1)].tolist()
    return agreeing


def _known(llr: float) -> float | None:
    """Return an llr that can be written down: NEVER for the impossible, as in the sums; None for a missing one."""
    return None if np.isnan(llr) else max(float(llr), NEVER)


def _moment(gallery: Gallery, row: int) -> Moment:
    sighting = gallery.sightings[row]
    return Moment(sighting.camera, float(gallery.time_s[row]), sighting.edge)


@dataclass(frozen=True, slots=True)
class Falling:
    """The odds at a rank, by appearance alone, and how fast they fall: as the rank to the power of minus `slope`."""

    rank: float
    odds: float
    slope: float

    @classmethod
    def of(cls, log_odds: Floats) -> "Falling":
        """Return how these fall, (n,) from the likeliest, over the second quarter of the ranks.

        The second half may hold some that were fetched for their plates, with less similar ones between that were not.
        """
        middle = max(1, len(log_odds) // 2)
        quarter = max(1, middle // 2)
        fallen = float(log_odds[quarter - 1] - log_odds[middle - 1])
        slope = fallen / np.log(middle / quarter) if len(log_odds) >= FEWEST else 0.0
        return cls(middle, float(np.exp(log_odds[middle - 1])), slope)

    def sum_between(self, first: float, last: float) -> float:
        """Return the sum of the odds from one rank to another.

        Similarities of strangers fall the faster the lower the rank, so that it is rather too much than too little.
        """
        ends, left = np.log(np.array([first, last]) / self.rank), 1 - self.slope
        if abs(left) < 1e-6:
            return float(self.odds * self.rank * np.diff(ends)[0])
        return float(self.odds * self.rank * np.diff(np.exp(left * ends))[0] / left)


def none_left_out(question: Question, llrs: Llrs) -> float:
    """Return the probability that no sighting which was not fetched is the target; 1 where all were, or by no looks."""
    gallery = question.gallery
    looks = np.sort(llrs.appearance[~np.isnan(llrs.appearance)])[::-1]
    if gallery.size <= len(gallery) or not looks.size:
        return 1.0
    prior = float(np.exp(odds(question, Llrs.missing(len(gallery)))).mean())
    falling = Falling.of(np.log(prior) + question.calibration.weights.appearance * looks)
    return float(np.exp(-falling.sum_between(len(gallery), gallery.size)))
