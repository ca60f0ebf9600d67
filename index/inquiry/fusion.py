"""Join kinds of evidence into one calibrated probability, and say in words what it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.inquiry.calibration import Calibration, Weights
from index.sighting import Evidence

Floats = npt.NDArray[np.float64]

KINDS = ("appearance", "plate", "travel", "direction")
STRONG, SOME = 3.0, 1.0
"""Log-likelihood ratios from which a kind of evidence is called strong (20 to 1) or worth a word (3 to 1)."""
NEVER = -50.0
"""Stands for minus infinity in sums."""

_READ = (", which agrees", ", which is consistent", ", which fits badly", ", another one")
"""How a plate fits that was read; of one that was not, nobody can say more than that it is consistent."""
_WORDS = {
    "appearance": ("looks the same", "looks alike", "looks somewhat different", "looks different"),
    "plate": (
        "plate consistent with the one asked for",
        "plate looks consistent",
        "plate hardly consistent",
        "plate not consistent with the one asked for",
    ),
    "travel": (
        "the time between is just what the drive takes",
        "the time between fits the drive",
        "the time between is unusual for the drive",
        "the time between hardly allows the drive",
    ),
    "direction": ("took the road that leads there", "direction fits", "direction fits badly", "drives the wrong way"),
}


@dataclass(frozen=True, slots=True)
class Ratios:
    """Log-likelihood ratios by kind, each (n,), NaN where missing."""

    appearance: Floats
    plate: Floats
    travel: Floats
    direction: Floats

    @classmethod
    def nothing(cls, count: int) -> "Ratios":
        """Return no evidence about `count` sightings."""
        return cls(*(np.full(count, np.nan) for _ in KINDS))

    def of(self, row: int) -> Evidence:
        """Return the evidence about one sighting."""
        return Evidence(*(_known(getattr(self, kind)[row]) for kind in KINDS))


def prior_log_odds(crowd: Floats, window_s: Floats, calibration: Calibration) -> Floats:
    """Return the log odds before any evidence: the passages to be expected, spread over all who could be meant.

    `crowd` is the number of sightings among which one is picked blindly, `window_s` the time over which they came.
    """
    return np.asarray(np.log(calibration.passages(window_s) / np.maximum(crowd, 1.0)))


def log_odds(ratios: Ratios, crowd: Floats, window_s: Floats, calibration: Calibration) -> Floats:
    """Return the log odds of each sighting being the same vehicle, each judged alone."""
    return prior_log_odds(crowd, window_s, calibration) + weighted(ratios, calibration.weights)


def weighted(ratios: Ratios, weights: Weights) -> Floats:
    """Return the sum of the ratios, each as far as it is trusted; missing ones take no part."""
    parts = [getattr(weights, kind) * np.nan_to_num(getattr(ratios, kind), neginf=NEVER) for kind in KINDS]
    return np.asarray(np.sum(parts, axis=0))


def probability(log_odds: Floats) -> Floats:
    """Return the probability that odds stand for."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, NEVER, -NEVER))))


def explain(evidence: Evidence, read_as: str | None = None) -> str:
    """Say in words what speaks for and against, the weightiest first; `read_as` is the text that was compared."""
    known = [(kind, getattr(evidence, kind)) for kind in KINDS if getattr(evidence, kind) is not None]
    known.sort(key=lambda item: -abs(item[1]))
    words = {**_WORDS, "plate": tuple(f"plate read as {read_as}{how}" for how in _READ)} if read_as else _WORDS
    said = [_word(words[kind], ratio) for kind, ratio in known if abs(ratio) >= SOME]
    if said:
        return "; ".join(said)
    return "nothing speaks strongly for or against" if known else "nothing to compare"


def _word(words: Sequence[str], ratio: float) -> str:
    strongly_for, some_for, some_against, strongly_against = words
    if ratio > 0:
        return strongly_for if ratio >= STRONG else some_for
    return strongly_against if ratio <= -STRONG else some_against


def _known(ratio: float) -> float | None:
    """Return a ratio that can be written down: the impossible is NEVER, as in the sums."""
    return None if np.isnan(ratio) else max(float(ratio), NEVER)
