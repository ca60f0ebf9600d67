"""Decide by text and looks whether the plates of two passages are the same, and count how often that is wrong."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.archive import Archive
from index.inquiry.plate_evidence import plate_llr
from index.inquiry.plate_looks import looks_llr
from index.inquiry.wanted import wanted_of
from index.sighting import Query, Sighting
from index.simulation.recall import CityTruth, Remembered
from reid.evaluation.intervals import Figure, Indices, figure
from reid.plates.alphabet import plain

BANDS_PX: Mapping[str, tuple[float, float]] = {
    "8 to 12 px": (8, 12),
    "12 to 16 px": (12, 16),
    "16 to 20 px": (16, 20),
    "20 px and more": (20, math.inf),
}
"""How high the lower plate of a pair is, the upper end left out."""


@dataclass(frozen=True, slots=True)
class PlatePair:
    """Two passages of plates: `group` is the vehicle that asks, `llr` NaN where there was nothing to compare."""

    group: str
    same: bool
    height_px: float
    llr: float


@dataclass(frozen=True, slots=True)
class Decided:
    """The balanced error of saying yes where the ratio is above 1, and how many pairs there were and were compared."""

    error: Figure
    same: int
    different: int
    compared: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sighting of a passage whose plate can be seen: what stands on it, and how high it got."""

    sighting: Sighting
    passage: str
    vehicle: str
    text: str
    height_px: float


def plate_pairs(archive: Archive, remembered: Remembered, true: CityTruth) -> list[PlatePair]:
    """Return every pair of sightings whose plates got as high as the lowest band; the first asks for the second."""
    shown = _shown(remembered, true)
    return [
        pair for one in shown for pair in _asked(archive, one, [two for two in shown if two.passage != one.passage])
    ]


def decided(pairs: Sequence[PlatePair]) -> dict[str, Decided]:
    """Return how the pairs of each band were decided; one with nothing to compare counts as a no."""
    found = {}
    for name, (least, most) in BANDS_PX.items():
        inside = [pair for pair in pairs if least <= pair.height_px < most]
        same = sum(pair.same for pair in inside)
        compared = sum(not math.isnan(pair.llr) for pair in inside)
        found[name] = Decided(_balanced_error(inside), same, len(inside) - same, compared)
    return found


def _shown(remembered: Remembered, true: CityTruth) -> list[_Shown]:
    least = min(low for low, _ in BANDS_PX.values())
    passages = {one.passage: one for one in true.passages if one.plate_height_px >= least}
    found = []
    for sighting in remembered.sightings:
        passage = passages.get(remembered.matches[sighting.id].passage or "")
        text = true.vehicles[passage.vehicle].plate if passage is not None else None
        if passage is not None and text is not None:
            found.append(_Shown(sighting, passage.passage, passage.vehicle, plain(text), passage.plate_height_px))
    return found


def _asked(archive: Archive, one: _Shown, others: Sequence[_Shown]) -> list[PlatePair]:
    """Weigh the plates of all others against one, as the search does."""
    wanted = wanted_of(archive, Query(sighting=one.sighting.id))
    ids = [other.sighting.id for other in others]
    unknown = np.full(len(others), np.nan)
    looks = looks_llr(archive, wanted.plate_looks, ids, unknown, None) if wanted.plate_looks is not None else None
    ratios = plate_llr(wanted, [other.sighting.plate for other in others], looks)
    return [
        PlatePair(one.vehicle, other.text == one.text, min(one.height_px, other.height_px), ratio)
        for other, ratio in zip(others, ratios.tolist(), strict=True)
    ]


def _balanced_error(pairs: Sequence[PlatePair]) -> Figure:
    same = np.array([pair.same for pair in pairs], bool)
    yes = np.array([pair.llr > 0 for pair in pairs], bool)

    def error(drawn: Indices) -> float:
        alike, accepted = same[drawn], yes[drawn]
        if alike.all() or not alike.any():
            return math.nan
        return float((1 - accepted[alike].mean() + accepted[~alike].mean()) / 2)

    return figure([pair.group for pair in pairs], error)
