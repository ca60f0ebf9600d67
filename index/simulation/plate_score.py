"""Score the plates of made cities: how many are read, read right, and told apart from others."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.answers import Query
from index.records import Sighting
from index.search.fusion import NEVER
from index.search.plate import LOOKED_AT, GalleryPlates
from index.search.progress import likeliest
from index.search.target import target_of
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.sighting_score import LEAST_PLATE_PX
from index.store.archive import Archive
from reid.arrays import Rows
from reid.evaluation.intervals import Figure, figure, share
from reid.plates.spelling import plain

SURE = 0.9
"""Readings with at least this confidence count as sure, and should be right this often."""
BANDS_PX: Mapping[str, tuple[float, float]] = {
    "8 to 12 px": (8, 12),
    "12 to 16 px": (12, 16),
    "16 to 20 px": (16, 20),
    "20 px and more": (20, math.inf),
}
"""Bands of the height of the smaller plate of a pair, without their upper end."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PassageReading:
    """How the plate of a passage was read; `read` is None if no text was given or there was no sighting."""

    city: str
    vehicle: str
    passage: str
    camera: str
    sighting: str | None
    height_px: float
    state: str
    truth: str
    read: str | None
    confidence: float

    @property
    def right(self) -> bool:
        """Return whether the whole text is right."""
        return self.read == self.truth


@dataclass(frozen=True, slots=True)
class PlatePair:
    """Two sightings of plates: `group` is the target vehicle, `llr` is NaN if nothing could be compared."""

    group: str
    same: bool
    height_px: float
    llr: float


@dataclass(frozen=True, slots=True)
class PlateDecisions:
    """The balanced error of deciding "same" where the llr is above 0, with the number of pairs and of compared ones."""

    error: Figure
    same: int
    different: int
    compared: int


@dataclass(frozen=True, slots=True)
class PlateScore:
    """Shares of passages read exactly and read at all, the share of sure readings that are right, and the decisions."""

    passages: int
    exact: Figure
    read: Figure
    sure: Figure
    decisions: dict[str, PlateDecisions]
    wrong: tuple[PassageReading, ...]


@dataclass(frozen=True, slots=True)
class _VisiblePlate:
    """A sighting of a passage whose plate was visible, with the true text and the greatest height."""

    sighting: Sighting
    passage: str
    vehicle: str
    text: str
    height_px: float


def score_plates(cities: Sequence[Path], progress: Progress | None = None) -> PlateScore:
    """Return the figures of all cities together; the archive of each is its folder's `archive`."""
    say = progress or (lambda line: None)
    readings: list[PassageReading] = []
    pairs: list[PlatePair] = []
    for city in cities:
        truth = read_truth(city)
        with Archive.open(city / "archive") as archive:
            matched = match_archive(archive, city, truth)
            readings += passage_readings(city.name, matched, truth)
            pairs += [replace(pair, group=f"{city}/{pair.group}") for pair in plate_pairs(archive, matched, truth)]
        say(f"{city}: {len(readings)} plates and {len(pairs)} pairs so far")
    return _score(readings, pairs)


def passage_readings(city: str, matched: MatchedArchive, truth: CityTruth) -> list[PassageReading]:
    """Return every passage with a large enough plate and its best reading: a right one first, then the surest."""
    by_passage: dict[str, list[Sighting]] = {}
    for sighting in matched.sightings:
        by_passage.setdefault(matched.matches[sighting.id].passage or "", []).append(sighting)
    readings = []
    for passage in truth.passages:
        vehicle = truth.vehicles[passage.vehicle]
        if passage.plate_height_px < LEAST_PLATE_PX or vehicle.plate is None:
            continue
        text = plain(vehicle.plate)
        best = max(by_passage.get(passage.passage, ()), key=lambda sighting: _merit(sighting, text), default=None)
        plate = best.plate if best is not None else None
        read = plain(plate.text) if plate is not None and plate.text else None
        where = (city, vehicle.vehicle, passage.passage, passage.camera, best.id if best is not None else None)
        confidence = plate.confidence if plate is not None else 0.0
        readings.append(PassageReading(*where, passage.plate_height_px, vehicle.plate_state, text, read, confidence))
    return readings


def plate_pairs(archive: Archive, matched: MatchedArchive, truth: CityTruth) -> list[PlatePair]:
    """Compare each visible plate as the target with the plates of all other passages."""
    visible = _visible_plates(matched, truth)
    return [
        pair
        for target in visible
        for pair in _compare(archive, target, [other for other in visible if other.passage != target.passage])
    ]


def plate_decisions(pairs: Sequence[PlatePair]) -> dict[str, PlateDecisions]:
    """Return how the pairs of each height band were decided; a pair that cannot be compared counts as "different"."""
    decisions = {}
    for name, (least, most) in BANDS_PX.items():
        inside = [pair for pair in pairs if least <= pair.height_px < most]
        same = sum(pair.same for pair in inside)
        compared = sum(not math.isnan(pair.llr) for pair in inside)
        decisions[name] = PlateDecisions(_balanced_error(inside), same, len(inside) - same, compared)
    return decisions


def _score(readings: Sequence[PassageReading], pairs: Sequence[PlatePair]) -> PlateScore:
    groups = [f"{reading.city}/{reading.vehicle}" for reading in readings]
    sure = [(group, r.right) for group, r in zip(groups, readings, strict=True) if r.read and r.confidence >= SURE]
    return PlateScore(
        passages=len(readings),
        exact=share(groups, [reading.right for reading in readings]),
        read=share(groups, [reading.read is not None for reading in readings]),
        sure=share([group for group, _ in sure], [right for _, right in sure]),
        decisions=plate_decisions(pairs),
        wrong=tuple(reading for reading in readings if not reading.right),
    )


def _merit(sighting: Sighting, truth: str) -> tuple[bool, float]:
    plate = sighting.plate
    if plate is None or plate.text is None:
        return False, -1.0
    return plain(plate.text) == truth, plate.confidence


def _visible_plates(matched: MatchedArchive, truth: CityTruth) -> list[_VisiblePlate]:
    least = min(low for low, _ in BANDS_PX.values())
    passages = {passage.passage: passage for passage in truth.passages if passage.plate_height_px >= least}
    visible = []
    for sighting in matched.sightings:
        passage = passages.get(matched.matches[sighting.id].passage or "")
        text = truth.vehicles[passage.vehicle].plate if passage is not None else None
        if passage is not None and text is not None:
            visible.append(
                _VisiblePlate(sighting, passage.passage, passage.vehicle, plain(text), passage.plate_height_px)
            )
    return visible


def _compare(archive: Archive, plate: _VisiblePlate, others: Sequence[_VisiblePlate]) -> list[PlatePair]:
    """Compare one plate with all others, as the search does."""
    target = target_of(archive, Query(sighting=plate.sighting.id))
    ids = [other.sighting.id for other in others]
    plates = GalleryPlates(archive, target, ids)
    plates.look_closer(likeliest(np.nan_to_num(plates.llrs, nan=NEVER), LOOKED_AT))
    return [
        PlatePair(plate.vehicle, other.text == plate.text, min(plate.height_px, other.height_px), llr)
        for other, llr in zip(others, plates.llrs.tolist(), strict=True)
    ]


def _balanced_error(pairs: Sequence[PlatePair]) -> Figure:
    same = np.array([pair.same for pair in pairs], bool)
    accepted = np.array([pair.llr > 0 for pair in pairs], bool)

    def error(drawn: Rows) -> float:
        alike, yes = same[drawn], accepted[drawn]
        if alike.all() or not alike.any():
            return math.nan
        return float((1 - yes[alike].mean() + yes[~alike].mean()) / 2)

    return figure([pair.group for pair in pairs], error)
