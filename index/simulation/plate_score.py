"""Score the plates of made cities together: what was read, what was read wrongly, and which were taken for the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.archive import Archive
from index.sighting import Sighting
from index.simulation.plate_decisions import Decided, PlatePair, decided, plate_pairs
from index.simulation.recall import CityTruth, Remembered, read_truth, remember
from index.simulation.seeing_score import LEAST_PLATE_PX
from reid.evaluation.intervals import Figure, share
from reid.plates.alphabet import plain

SURE = 0.9
"""Who says so much of a reading should be right so often."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PassageRead:
    """What was made of a plate that got high enough to be read; `read` is None where it was found unreadable or not."""

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
        """Return whether all characters are."""
        return self.read == self.truth


@dataclass(frozen=True, slots=True)
class PlateScore:
    """Of passages: the shares read exactly and at all, and of those surely read the share that is right."""

    passages: int
    exact: Figure
    read: Figure
    sure: Figure
    decisions: dict[str, Decided]
    wrong: tuple[PassageRead, ...]


def score_plates(cities: Sequence[Path], progress: Progress | None = None) -> PlateScore:
    """Return the figures of cities, each with its archive in `archive` inside its folder."""
    say = progress or (lambda line: None)
    reads: list[PassageRead] = []
    pairs: list[PlatePair] = []
    for city in cities:
        true = read_truth(city)
        with Archive.open(city / "archive") as archive:
            remembered = remember(archive, city, true)
            reads += passage_reads(city.name, remembered, true)
            pairs += [replace(pair, group=f"{city}/{pair.group}") for pair in plate_pairs(archive, remembered, true)]
        say(f"{city}: {len(reads)} plates and {len(pairs)} pairs so far")
    return _scored(reads, pairs)


def passage_reads(city: str, remembered: Remembered, true: CityTruth) -> list[PassageRead]:
    """Return every passage whose plate was high enough, with the surest of its readings, a right one before others."""
    seen: dict[str, list[Sighting]] = {}
    for sighting in remembered.sightings:
        seen.setdefault(remembered.matches[sighting.id].passage or "", []).append(sighting)
    found = []
    for passage in true.passages:
        vehicle = true.vehicles[passage.vehicle]
        if passage.plate_height_px < LEAST_PLATE_PX or vehicle.plate is None:
            continue
        text = plain(vehicle.plate)
        best = max(seen.get(passage.passage, ()), key=lambda one: _merit(one, text), default=None)
        plate = best.plate if best is not None else None
        read = plain(plate.text) if plate is not None and plate.text else None
        where = (city, vehicle.vehicle, passage.passage, passage.camera, best.id if best is not None else None)
        sure = plate.confidence if plate is not None else 0.0
        found.append(PassageRead(*where, passage.plate_height_px, vehicle.plate_state, text, read, sure))
    return found


def _merit(sighting: Sighting, truth: str) -> tuple[bool, float]:
    plate = sighting.plate
    if plate is None or plate.text is None:
        return False, -1.0
    return plain(plate.text) == truth, plate.confidence


def _scored(reads: Sequence[PassageRead], pairs: Sequence[PlatePair]) -> PlateScore:
    groups = [f"{one.city}/{one.vehicle}" for one in reads]
    sure = [(group, one.right) for group, one in zip(groups, reads, strict=True) if one.read and one.confidence >= SURE]
    return PlateScore(
        passages=len(reads),
        exact=share(groups, [one.right for one in reads]),
        read=share(groups, [one.read is not None for one in reads]),
        sure=share([group for group, _ in sure], [right for _, right in sure]),
        decisions=decided(pairs),
        wrong=tuple(one for one in reads if not one.right),
    )
