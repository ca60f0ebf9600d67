"""Turn what a sighting shares with the wanted vehicle into log-likelihood ratios: same vehicle against another.

A ratio above zero speaks for the same vehicle, below zero against it, NaN is missing and takes no part. All arrays are
(n,), one number a sighting of the gallery.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index.inquiry.calibration import LooksScale
from index.sighting import Look

Floats = npt.NDArray[np.float64]

CROWD_OF_BELIEF = 20.0
"""So many sightings must the crowd of a question have before it outweighs what is usual for the model."""
LEAST_TRUST = 0.03
"""What a classifier still gives to a type or colour it excluded: they are wrong this often with confidence."""
WRONG_HEADING = 0.1
"""Share of sightings whose road is read off wrongly from the heading in the picture."""
TRAVEL_LIMIT = 7.0
"""Travel speaks at most e^7 for a sighting; an arrival to the second is luck as often as skill."""


def standing(similarity: Floats, scale: LooksScale) -> Floats:
    """Return how many spreads each similarity stands above the crowd of its question.

    A white van resembles half the street, a yellow bus nothing: the crowd tells which (the Z-norm of speaker
    verification, Auckenthaler et al. 2000). Median and quartiles, so that the vehicle's own passages hardly move it;
    a small crowd is filled up with what is usual for the model.
    """
    seen = similarity[~np.isnan(similarity)]
    if not seen.size:
        return np.full(similarity.shape, np.nan)
    trust = seen.size / (seen.size + CROWD_OF_BELIEF)
    low, middle, high = np.percentile(seen, (25, 50, 75))
    centre = trust * middle + (1 - trust) * scale.usual
    spread = trust * max((high - low) / 1.349, scale.spread / 4) + (1 - trust) * scale.spread
    return np.asarray((similarity - centre) / spread)


def appearance_llr(similarity: Floats, scale: LooksScale) -> Floats:
    """Return the ratio of looks, from cosine similarities and how they stand in their crowd.

    It comes near the limit but never reaches it, so that of two the more alike always ranks first.
    """
    ratio = scale.bias + scale.per_similarity * similarity + scale.per_standing * standing(similarity, scale)
    return np.asarray(scale.limit * np.tanh(ratio / scale.limit))


def drive_ratio(log_density: Floats, window_s: Floats) -> Floats:
    """Return the log ratio of an arrival by driving straight there, against an arrival anywhere in the window alike."""
    return np.asarray(log_density + np.log(np.maximum(window_s, 1.0)))


def travel_llr(drive: Floats, log_possible: Floats, drive_share: Floats) -> Floats:
    """Return the ratio of an arrival, from that of driving straight there and from how sure it is that time sufficed.

    Only a share of a vehicle's further passages belong to the same drive; people stop, turn back and set out again,
    at any time that is possible at all. So a late arrival speaks little against, and an impossible one wholly.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        straight, errand = np.log(drive_share), np.log1p(-drive_share)
        return np.asarray(np.logaddexp(straight + np.minimum(drive, TRAVEL_LIMIT), errand + log_possible))


def direction_llr(on_the_way: Floats, share: Floats) -> Floats:
    """Return the ratio of the directed road that each sighting took past its camera.

    `on_the_way` is the probability that the wanted vehicle, if it passed there and then, came by that road; `share`
    is the part of all other traffic that does.
    """
    taken = (1 - WRONG_HEADING) * on_the_way + WRONG_HEADING * share
    return np.asarray(np.log(np.maximum(taken, 1e-6) / np.clip(share, LEAST_TRUST, 1.0)))


def stated_llr(wanted: str, probabilities: Mapping[str, float], base: Mapping[str, float]) -> float | None:
    """Return the ratio of a type or colour that the investigator states; None where the picture does not tell."""
    if not probabilities:
        return None
    seen = max(probabilities.get(wanted, 0.0), LEAST_TRUST)
    usual = max(base.get(wanted, 0.0), LEAST_TRUST)
    return math.log(seen / usual)


def usual_shares(looks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean share of each type or colour among the looks that tell one."""
    told = [look for look in looks if look]
    names = sorted({name for look in told for name in look})
    return {name: sum(look.get(name, 0.0) for look in told) / len(told) for name in names}


def looks_llr(looks: Sequence[Look], *, wanted_type: str | None, wanted_colour: str | None) -> Floats:
    """Return the ratio of the stated type and colour, together, for each look."""
    total = np.full(len(looks), np.nan)
    stated = [(wanted_type, [look.types for look in looks]), (wanted_colour, [look.colours for look in looks])]
    for wanted, told in stated:
        if wanted is None:
            continue
        base = usual_shares(told)
        ratios = [stated_llr(wanted, probabilities, base) for probabilities in told]
        total = add(total, np.array([np.nan if ratio is None else ratio for ratio in ratios], dtype=np.float64))
    return total


def add(first: Floats, second: Floats) -> Floats:
    """Return the sum of two kinds of evidence; missing where both are."""
    both_missing = np.isnan(first) & np.isnan(second)
    return np.where(both_missing, np.nan, np.nan_to_num(first) + np.nan_to_num(second))
