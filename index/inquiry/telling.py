"""Tell the joint story of a gallery: which sightings are one drive, and what else it may have been."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.inquiry import weighing
from index.inquiry.evidence import drive_ratio, travel_llr
from index.inquiry.gallery import Gallery
from index.inquiry.itinerary import IMPOSSIBLE, Story, tell
from index.inquiry.journeys import Moment, drives_between
from index.inquiry.weighing import Scales
from index.sighting import Itinerary, Stop

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Telling:
    """The stories of a gallery; `probability` (n,) is that of the true story passing each, NaN where not weighed."""

    probability: Floats
    best: Itinerary
    alternatives: tuple[Itinerary, ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    """One node of the stories: a row of the gallery, or the sighting asked about (row None)."""

    row: int | None
    moment: Moment
    first_s: float
    last_s: float
    claim: float
    window_s: float


def tell_gallery(scales: Scales, gallery: Gallery, claims: Floats, rows: Sequence[int]) -> Telling:
    """Weigh the stories that some rows of the gallery make; `claims` (n,) are their log odds without travel."""
    windows = weighing.window_s(scales, gallery)
    passages = [_of_gallery(gallery, row, float(claims[row]), float(windows[row])) for row in rows]
    start = scales.start(gallery)
    if start is not None:
        passages.append(_Passage(None, start, start.time_s, start.time_s, 0.0, 0.0))
    passages.sort(key=lambda one: (one.moment.time_s, -1 if one.row is None else one.row))
    origin = next((place for place, one in enumerate(passages) if one.row is None), None)
    stories = tell(np.array([one.claim for one in passages]), _moves(scales, passages), origin=origin)
    probability = np.full(len(gallery.sightings), np.nan)
    for passage, marginal in zip(passages, stories.marginals.tolist(), strict=True):
        if passage.row is not None:
            probability[passage.row] = marginal
    best, *others = (
        _itinerary(gallery, passages, story, probability) for story in (stories.best, *stories.alternatives)
    )
    return Telling(probability, best, tuple(others))


def _of_gallery(gallery: Gallery, row: int, claim: float, window_s: float) -> _Passage:
    sighting, time_s = gallery.sightings[row], float(gallery.time_s[row])
    first_s = time_s - (sighting.best - sighting.first).total_seconds()
    last_s = time_s + (sighting.last - sighting.best).total_seconds()
    return _Passage(row, Moment(sighting.camera, time_s, sighting.edge), first_s, last_s, claim, window_s)


def _moves(scales: Scales, passages: Sequence[_Passage]) -> Floats:
    """Return the ratio of driving from each to each later one; where no map tells, it must only have left before."""
    cameras = np.array([one.moment.camera for one in passages])
    times_s = np.array([one.moment.time_s for one in passages])
    first_s, last_s = np.array([one.first_s for one in passages]), np.array([one.last_s for one in passages])
    fit = drives_between(scales.drives, cameras.tolist(), times_s)
    # Of two on one drive the farther from the moment asked about is weighed against the traffic of its side.
    sides_s = np.array([one.window_s for one in passages])
    window_s = np.maximum(sides_s[:, None], sides_s[None, :])
    share = scales.calibration.drive_share(window_s)
    drive = drive_ratio(fit.log_density, window_s)
    ratios = travel_llr(drive, fit.log_possible, share) * scales.calibration.weights.travel
    in_both = (cameras[:, None] != cameras[None, :]) & (first_s[None, :] <= last_s[:, None])
    return np.where(np.isnan(ratios), np.where(in_both, IMPOSSIBLE, 0.0), ratios)


def _itinerary(gallery: Gallery, passages: Sequence[_Passage], story: Story, probability: Floats) -> Itinerary:
    rows = [passages[place].row for place in story.rows]
    return Itinerary(
        stops=tuple(_stop(gallery, row, float(probability[row])) for row in rows if row is not None),
        probability=story.probability,
    )


def _stop(gallery: Gallery, row: int, probability: float) -> Stop:
    sighting = gallery.sightings[row]
    return Stop(sighting.id, sighting.camera, gallery.true_time(row), probability)
