"""Learn which clocks do not keep true time from what near cameras saw over a longer time."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from index.learning.camera_views import CameraView
from index.learning.likely_pairs import likely_pairs
from index.search.calibration import AppearanceScale
from roadgraph.camera_times import CameraTimes
from roadgraph.clock_rates import COARSE, FINE, RateDifference, RateEstimate, RateGrid, rate_difference, solve_rates

LEAST_SPAN_S = 600.0
"""In less time a wrong rate can hardly be told from a wrong offset."""

WIDEST = 0.06
"""A rate with a wider interval is not put right."""

NearViews = Sequence[tuple[CameraView, CameraView]]


def estimate_rates(
    near: NearViews, times: CameraTimes, scale: AppearanceScale, known: Collection[str]
) -> dict[str, RateEstimate]:
    """Return the rates of the clocks that surely do not keep true time, first roughly, then closely.

    Clocks that are `known` are right already.
    """
    long = [pair for pair in near if min(map(_span_s, pair)) >= LEAST_SPAN_S]
    wrong = _solved(long, times, scale, COARSE, known)
    wrong = {camera: one for camera, one in wrong.items() if one.is_wrong and one.high - one.low <= WIDEST}
    again = [pair for pair in long if any(view.camera in wrong for view in pair)]
    righted = [(_righted(first, wrong), _righted(second, wrong)) for first, second in again]
    right = {view.camera for pair in again for view in pair} - set(wrong)
    rest = _solved(righted, times, scale, FINE, right)
    return {camera: one.plus(rest[camera]) for camera, one in wrong.items() if camera in rest}


def at_true_rate(view: CameraView, rate: RateEstimate | None) -> CameraView:
    """Return what a camera saw as if its clock had kept true time since its first sighting."""
    if rate is None or not len(view.clock_s):
        return view
    first_s = view.clock_s.min()
    return replace(view, clock_s=first_s + (view.clock_s - first_s) * np.exp(-rate.rate))


def _righted(view: CameraView, wrong: dict[str, RateEstimate]) -> CameraView:
    return at_true_rate(view, wrong.get(view.camera))


def _solved(
    near: NearViews, times: CameraTimes, scale: AppearanceScale, grid: RateGrid, known: Collection[str]
) -> dict[str, RateEstimate]:
    differences: list[RateDifference] = []
    for first, second in near:
        pairs = likely_pairs(first, second, times, scale)
        if len(pairs.elapsed_s):
            differences.append(rate_difference(first.camera, second.camera, pairs, grid))
    return dict(solve_rates(differences, grid, known)) if differences else {}


def _span_s(view: CameraView) -> float:
    return float(np.ptp(view.clock_s)) if len(view.clock_s) else 0.0
