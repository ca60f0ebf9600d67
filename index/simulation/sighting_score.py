"""Score the archive's sightings against the truth: passages found and tracked, attributes, and plates."""

from collections.abc import Iterable, Mapping, Sequence

from index.records import Sighting
from index.simulation.matching import IdentityFrames, Match
from index.simulation.truth import TruePassage, TrueVehicle
from reid.evaluation.intervals import NOTHING, Figure, share
from reid.plates.spelling import plain

LEAST_PLATE_PX = 20
"""Plates of at least this height are scored."""

Figures = Mapping[str, Figure]


def passage_figures(
    matches: Sequence[Match], passages: Iterable[TruePassage], parts: Sequence[IdentityFrames] | None
) -> Figures:
    """Return the recall of true passages, the shares of duplicate and phantom sightings, and the IDF1 of the tracks."""
    found = {match.passage for match in matches if match.passage is not None}
    counted = [passage for passage in passages if passage.counts]
    groups = [_group(match) for match in matches]
    return {
        "recall": share([p.vehicle for p in counted], [p.passage in found for p in counted]),
        "duplicates": share(groups, _repeats(matches)),
        "phantoms": share(groups, [match.vehicle is None for match in matches]),
        "idf1": idf1(parts) if parts is not None else NOTHING,
    }


def idf1(parts: Sequence[IdentityFrames]) -> Figure:
    """Return twice the rightly kept frames over the true plus the tracked ones (Ristani et al. 2016, equation 11)."""
    return share([part.group for part in parts], [2 * p.kept for p in parts], [p.true + p.tracked for p in parts])


def attribute_figures(
    sightings: Sequence[Sighting], matches: Mapping[str, Match], vehicles: Mapping[str, TrueVehicle]
) -> Figures:
    """Return the shares of sightings of known vehicles with the right type and the right colour."""
    shown = [(sighting.attributes, matches[sighting.id].vehicle) for sighting in sightings]
    known = [(look, vehicles[vehicle]) for look, vehicle in shown if vehicle is not None and vehicle in vehicles]
    groups = [vehicle.vehicle for _, vehicle in known]
    return {
        "type": share(groups, [look.type == vehicle.type for look, vehicle in known]),
        "colour": share(groups, [look.colour == vehicle.colour for look, vehicle in known]),
    }


def plate_figures(
    sightings: Sequence[Sighting],
    matches: Mapping[str, Match],
    passages: Iterable[TruePassage],
    vehicles: Mapping[str, TrueVehicle],
) -> Figures:
    """Return, for passages with a large enough plate, the shares read exactly and read at all."""
    texts: dict[str, set[str]] = {}
    for sighting in sightings:
        passage = matches[sighting.id].passage
        if passage is not None and sighting.plate is not None and sighting.plate.text:
            texts.setdefault(passage, set()).add(plain(sighting.plate.text))
    high = [p for p in passages if p.plate_height_px >= LEAST_PLATE_PX and vehicles[p.vehicle].plate is not None]
    groups = [passage.vehicle for passage in high]
    return {
        "exact": share(groups, [plain(vehicles[p.vehicle].plate or "") in texts.get(p.passage, ()) for p in high]),
        "read": share(groups, [p.passage in texts for p in high]),
    }


def _group(match: Match) -> str:
    """Return the group of a sighting for intervals: its vehicle, or itself if it is a phantom."""
    return match.vehicle or match.sighting


def _repeats(matches: Sequence[Match]) -> list[bool]:
    """Return for each sighting whether an earlier one shows the same passage."""
    found: set[str] = set()
    repeats = []
    for match in matches:
        repeats.append(match.passage in found)
        found |= {match.passage} if match.passage is not None else set()
    return repeats
