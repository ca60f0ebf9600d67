"""Weigh two readings: how much more likely they are if both vehicles carry the same plate."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid.plates.alignment import best_sums
from reid.plates.alphabet import CHARACTERS, FREQUENCY
from reid.plates.confusion import Confusion, learned_confusion
from reid.vehicle import Plate

Floats = npt.NDArray[np.float64]

CLONED = 1e-7
"""Chance that another vehicle carries the very same text: clones, and plates of two countries. No text says more."""

STRAY = 3e-5
"""Chance that a text was read off something else than the vehicle's plate. No text speaks more strongly against."""

RELATED = 0.5
"""Share of other vehicles whose plates are related: of one region or fleet, one after the other, twins by intent."""

ALIKE = 0.9
"""How often related plates have the same character in one place."""

_COMMON = np.array([FREQUENCY[character] for character in CHARACTERS])
_DIFFER = 1.0 - float((_COMMON**2).sum())
_MOST = 80.0
_LEAST = 1e-9
_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}


def text_llr(first: Plate, second: Plate) -> float | None:
    """Return the natural log-likelihood ratio, same plate against another; None where either has no text."""
    ratio = float(text_llrs(first, [second])[0])
    return None if math.isnan(ratio) else ratio


def text_llrs(first: Plate, others: Sequence[Plate], confusion: Confusion | None = None) -> Floats:
    """Return the ratio of one plate and each of the others, (n,); NaN where either has no text.

    A reading of a place says P(c | picture) of each true character c. Two pictures of one place are
    sum_c P(c | a) P(c | b) / P(c) times as likely as two pictures of places that have nothing to do with each other;
    the best alignment of the two texts adds the logarithms up. Another vehicle's plate may be related: then each place
    is the same with ALIKE, and else another, so one sure difference outweighs all places that agree.
    """
    ratios = np.full(len(others), np.nan)
    rows = [row for row, other in enumerate(others) if other.characters]
    if not first.characters or not rows:
        return ratios
    confusion = confusion or learned_confusion()
    a = true_characters([first], confusion)[0]
    b = true_characters([others[row] for row in rows], confusion)
    gains = np.log((a / _COMMON) @ b.transpose(0, 2, 1))
    lengths = np.array([len(others[row].characters) for row in rows])
    gap = math.log(confusion.missed + confusion.extra)
    same = np.clip(best_sums(gains, lengths, gap), -_MOST, _MOST)
    related = np.where(lengths == len(a), _related(gains, a, b, same), -np.inf)
    ratios[rows] = _bounded(same, related)
    return ratios


def same_probability(llr: float) -> float:
    """Return the probability of the same plate at even prior."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, llr))))


def true_characters(plates: Sequence[Plate], confusion: Confusion) -> Floats:
    """Return (n, longest, characters): how likely each is the true one at each place that was read.

    What a reading leaves open is spread as characters are common; shorter texts end in rows that count for nothing.
    """
    longest = max(len(plate.characters) for plate in plates)
    said = np.zeros((len(plates), longest, len(CHARACTERS)))
    for number, plate in enumerate(plates):
        for place, position in enumerate(plate.characters):
            for character, probability in position.items():
                if character in _COLUMN:
                    said[number, place, _COLUMN[character]] += probability
    said /= np.maximum(said.sum(axis=2, keepdims=True), 1.0)
    open_share = 1.0 - said.sum(axis=2, keepdims=True)
    likely = said @ confusion.stands_for + np.maximum(open_share, _LEAST) * _COMMON
    return np.asarray(likely, np.float64)


def _related(gains: Floats, a: Floats, b: Floats, same: Floats) -> Floats:
    """Return the log ratio of related plates against plates that have nothing to do with each other, (n,).

    It is that of texts laid side by side place by place; minus infinity where another alignment fits better.
    """
    places = min(gains.shape[1:])
    gain = gains[:, range(places), range(places)]
    differ = np.maximum(1.0 - np.einsum("kc,nkc->nk", a[:places], b[:, :places]), _LEAST)
    other = np.log(differ / _DIFFER)
    either = np.logaddexp(math.log(ALIKE) + gain, math.log(1 - ALIKE) + other).sum(axis=1)
    all_alike = places * math.log(ALIKE) + gain.sum(axis=1)
    changed = either + np.log1p(-np.exp(np.minimum(all_alike - either, -1e-12))) - math.log(1 - ALIKE**places)
    return np.where(np.isclose(gain.sum(axis=1), same), changed, -np.inf)


def _bounded(same: Floats, related: Floats) -> Floats:
    """Return the ratio of the same plate against all that another vehicle can carry, and against texts that stray."""
    numerator = np.logaddexp(math.log(1 - STRAY) + same, math.log(STRAY))
    unrelated = np.full_like(same, math.log(1 - RELATED - CLONED))
    denominator = np.logaddexp(np.logaddexp(unrelated, math.log(RELATED) + related), math.log(CLONED) + same)
    return np.asarray(numerator - denominator, np.float64)
