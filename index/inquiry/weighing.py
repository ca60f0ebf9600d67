"""Weigh the gallery of one question: each kind of evidence as ratios, from near to distant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.inquiry.calibration import Calibration
from index.inquiry.drives import Drives
from index.inquiry.evidence import add, drive_ratio, looks_llr, travel_llr
from index.inquiry.fusion import Ratios, log_odds, probability
from index.inquiry.gallery import Gallery
from index.inquiry.heading import direction_of_each
from index.inquiry.journeys import Fit, Moment, fit_of_each
from index.inquiry.plate_evidence import plate_llr
from index.inquiry.wanted import Wanted
from index.sighting import Look, Query
from reid.vehicle import Plate

Floats = npt.NDArray[np.float64]

LEAST_WINDOW_S = 60.0
NO_LOOK = Look({}, {})


@dataclass(frozen=True, slots=True)
class Scales:
    """What all weighing of one question needs: the vehicle, the drives, and the calibration."""

    query: Query
    wanted: Wanted
    drives: Drives
    calibration: Calibration

    def start(self, gallery: Gallery) -> Moment | None:
        """Return the moment asked about; None where its camera or its time is not known."""
        if self.wanted.camera is None or self.wanted.time is None:
            return None
        return Moment(self.wanted.camera, (self.wanted.time - gallery.epoch).total_seconds(), self.wanted.edge)


def looks(scales: Scales, gallery: Gallery, seen: Mapping[str, Look]) -> Floats:
    """Return the ratios of looks: of the pictures, and of the type and colour that are named."""
    if not seen:
        return gallery.appearance
    looks = [seen.get(id_, NO_LOOK) for id_ in gallery.ids]
    named = looks_llr(looks, wanted_type=scales.wanted.type, wanted_colour=scales.wanted.colour)
    return add(gallery.appearance, named)


def plates(scales: Scales, gallery: Gallery, read: Mapping[str, Plate], seen: Floats | None) -> Floats:
    """Return the ratios of plates: of their texts, and of their looks where these were compared."""
    return plate_llr(scales.wanted, [read.get(id_) for id_ in gallery.ids], seen)


def fit(scales: Scales, gallery: Gallery, anchors: Sequence[Moment]) -> Fit:
    """Return how well the time of each fits, given where the vehicle surely was."""
    return fit_of_each(scales.drives, anchors, gallery.cameras, gallery.time_s)


def window_s(scales: Scales, gallery: Gallery) -> Floats:
    """Return over how many seconds other vehicles come and go on each candidate's side of the moment asked about.

    That is how far the sightings of the side reach: where footage ends before the horizon, nobody is seen after it.
    """
    start = scales.start(gallery)
    if start is None:
        return np.full(len(gallery.sightings), scales.query.horizon_s)
    elapsed_s = gallery.time_s - start.time_s
    before = np.max(-elapsed_s, initial=LEAST_WINDOW_S, where=elapsed_s < 0)
    after = np.max(elapsed_s, initial=LEAST_WINDOW_S, where=elapsed_s >= 0)
    return np.where(elapsed_s < 0, before, after)


def fit_from_start(scales: Scales, gallery: Gallery) -> Fit:
    """Return how well the time of each fits a drive from or to the moment asked about."""
    start = scales.start(gallery)
    return fit(scales, gallery, [] if start is None else [start])


def travel(scales: Scales, gallery: Gallery, found: Fit) -> Floats:
    """Return the ratios of arrival times."""
    seconds = window_s(scales, gallery)
    drive = drive_ratio(found.log_density, seconds)
    return travel_llr(drive, found.log_possible, scales.calibration.drive_share(seconds))


def direction(scales: Scales, gallery: Gallery) -> Floats:
    """Return the ratios of the roads taken, as they lead to or from the moment asked about."""
    start = scales.start(gallery)
    if start is None:
        return np.full(len(gallery.sightings), np.nan)
    edges = [sighting.edge for sighting in gallery.sightings]
    return direction_of_each(scales.drives, start, gallery.cameras, edges, gallery.time_s)


def crowd(scales: Scales, gallery: Gallery) -> Floats:
    """Return among how many sightings each is picked: before and after are asked as two questions."""
    sides = 2 if scales.query.direction == "both" and scales.wanted.time is not None else 1
    return np.full(len(gallery.sightings), gallery.size / sides)


def odds(scales: Scales, gallery: Gallery, ratios: Ratios) -> Floats:
    """Return the log odds of each candidate, judged alone."""
    return log_odds(ratios, crowd(scales, gallery), window_s(scales, gallery), scales.calibration)


def chances(scales: Scales, gallery: Gallery, ratios: Ratios) -> Floats:
    """Return the probability of each candidate, judged alone."""
    return probability(odds(scales, gallery, ratios))


def near_to_distant(
    scales: Scales, gallery: Gallery, ratios: Ratios, *, confirmed: Collection[str], least: float, most: int
) -> Ratios:
    """Return the ratios with travel measured from anchors: the all but certain become the next places to look from.

    Each round takes the nearest in time of those that have become certain, and weighs all others anew
    (the near-to-distant search of PROVID, Liu et al. 2018, section V).
    """
    start = scales.start(gallery)
    moments = [] if start is None else [start]
    taken = [row for row, sighting in enumerate(gallery.sightings) if sighting.id in confirmed]
    for _ in range(most + 1):
        anchors = [*moments, *(_moment(gallery, row) for row in taken)]
        weighed = travel(scales, gallery, fit(scales, gallery, anchors))
        # An anchor lies at no distance from itself: it keeps what made it one.
        weighed[taken] = ratios.travel[taken]
        ratios = replace(ratios, travel=weighed)
        certain = np.flatnonzero(chances(scales, gallery, ratios) >= least)
        fresh = [row for row in certain.tolist() if row not in taken]
        if not fresh or len(taken) >= most:
            break
        taken.append(min(fresh, key=lambda row: (_distance_s(gallery, row, anchors), gallery.sightings[row].id)))
    return ratios


def _moment(gallery: Gallery, row: int) -> Moment:
    sighting = gallery.sightings[row]
    return Moment(sighting.camera, float(gallery.time_s[row]), sighting.edge)


def _distance_s(gallery: Gallery, row: int, anchors: Sequence[Moment]) -> float:
    return min((abs(anchor.time_s - float(gallery.time_s[row])) for anchor in anchors), default=0.0)
