"""Find how far the clocks of cameras are off, all of them together, from what pairs of cameras tell.

The clocks are drawn together from the likelihoods of their differences and from the belief that most clocks are right;
two cameras that few vehicles passed are joined through others, and the spread of the draws is the interval.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats
from roadgraph.clock_pairs import FARTHEST_S, PACE_SPREADS, PACES, STEP_S, ClockDifference
from roadgraph.clock_sampler import ErrorBelief, ErrorSampler, middle_and_bounds

ERRORS_S = np.arange(-FARTHEST_S, FARTHEST_S + STEP_S / 2, STEP_S)
"""The errors of a clock that are tried."""

USUAL_ERRORS_S = np.array([0.75, 1.5, 3.0, 6.0, 12.0, 24.0])
"""Half of the clocks of a town are off by less (a truncated Cauchy distribution): towns keep them better or worse."""
TOWNS = np.array([0.25, 0.3, 0.2, 0.12, 0.08, 0.05])
"""How usual each of these towns is."""
BAD_TOWN_S = 6.0
"""Where half of the clocks are off by more, one that is off by less is an exception."""

USUAL_PACE, PACE_DOUBT = 0.1, 0.6
"""The mean and the standard deviation of the logarithm of the pace of towns."""

TRUST = 0.5
"""How far the likelihood of a difference counts."""


@dataclass(frozen=True, slots=True)
class OffsetEstimate:
    """How many seconds a clock is ahead, and the interval that holds the truth nine times in ten.

    It `helps` if putting the clock right surely brings it nearer to all others, also those that are left as they are:
    if it is surely wrong, the doubt of the common constant included, or if the town keeps its clocks badly.
    """

    offset_s: float
    low_s: float
    high_s: float
    helps: bool = True


def solve_clocks(differences: Sequence[ClockDifference], known: Collection[str]) -> Mapping[str, OffsetEstimate]:
    """Return how far each clock is ahead of true time, for the cameras of the differences but those known to be right.

    Where no clock of a connected group is known, the constant of the group is the one that makes most of its clocks
    right. The intervals leave the doubt of that constant out: it shifts all times of the group alike, and no drive.
    """
    cameras = sorted({camera for one in differences for camera in (one.first, one.second)})
    tables = [(one.first, one.second, one.log_likelihood) for one in differences]
    sampler = ErrorSampler(cameras, tables, known, _belief(), np.random.default_rng(0))
    draws, towns = sampler.draws()
    is_bad_town = bool(np.mean(USUAL_ERRORS_S[towns] >= BAD_TOWN_S) > 0.5)
    helps = [is_bad_town or _excludes_zero(of_camera) for of_camera in draws.T]
    for group in sampler.groups:
        draws[:, group] = _without_constant(draws[:, group])
    return {
        camera: _interval(of_camera, helps=helping)
        for camera, of_camera, helping in zip(cameras, draws.T, helps, strict=True)
        if camera not in known
    }


def _excludes_zero(draws: Floats) -> bool:
    _, low, high = middle_and_bounds(draws, 0.0)
    return low > 0.0 or high < 0.0


def _without_constant(draws: Floats) -> Floats:
    """Return the draws of a group with the same constant in each; clocks that are drawn alike weigh most in it."""
    apart = draws - np.median(draws, axis=1, keepdims=True)
    weight = 1 / (apart.var(axis=0) + 1.0)
    constant = draws @ (weight / weight.sum())
    return np.asarray(draws - constant[:, None] + np.median(constant))


def _interval(draws: Floats, *, helps: bool) -> OffsetEstimate:
    return OffsetEstimate(*middle_and_bounds(draws, STEP_S), helps)


def _belief() -> ErrorBelief:
    share = 1 / (1 + (ERRORS_S[None, :] / USUAL_ERRORS_S[:, None]) ** 2)
    return ErrorBelief(
        errors=ERRORS_S,
        log_share=np.log(share / share.sum(axis=1, keepdims=True)),
        log_towns=np.log(TOWNS),
        log_paces=np.tile(-0.5 * ((PACES - USUAL_PACE) / PACE_DOUBT) ** 2, len(PACE_SPREADS)),
        trust=TRUST,
    )
