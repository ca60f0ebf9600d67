"""Score what was seen: passages found, told apart and described, against what is true."""

from collections.abc import Iterable, Mapping, Sequence

from index.sighting import Sighting
from index.simulation.matching import Identity, Match
from index.simulation.truth import TruePassage, TrueVehicle
from reid.evaluation.intervals import NOTHING, Figure, share
from reid.plates.alphabet import plain

LEAST_PLATE_PX = 20
"""Plates are scored where they reached this height."""

Figures = Mapping[str, Figure]


def passage_figures(
    matches: Sequence[Match], passages: Iterable[TruePassage], parts: Sequence[Identity] | None
) -> Figures:
    """Return recall of true passages, duplicates and phantoms as shares of all sightings, and IDF1 of the tracks."""
    found = {match.passage for match in matches if match.passage is not None}
    wanted = [passage for passage in passages if passage.counts]
    groups = [_group(match) for match in matches]
    return {
        "recall": share([p.vehicle for p in wanted], [p.passage in found for p in wanted]),
        "duplicates": share(groups, _repeats(matches)),
        "phantoms": share(groups, [match.vehicle is None for match in matches]),
        "idf1": idf1(parts) if parts is not None else NOTHING,
    }


def idf1(parts: Sequence[Identity]) -> Figure:
    """Return twice the frames rightly kept over the true and the tracked ones (Ristani et al. 2016, equation 11)."""
    return share([part.group for part in parts], [2 * p.kept for p in parts], [p.true + p.tracked for p in parts])


def attribute_figures(
    sightings: Sequence[Sighting], matches: Mapping[str, Match], vehicles: Mapping[str, TrueVehicle]
) -> Figures:
    """Return the shares of sightings of wanted vehicles whose type and colour were named rightly."""
    shown = [(sighting.look, matches[sighting.id].vehicle) for sighting in sightings]
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
    """Return of passages with a plate high enough the shares read rightly and given any text."""
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
    """Return what a sighting is drawn with: its vehicle, or a phantom by itself."""
    return match.vehicle or match.sighting


def _repeats(matches: Sequence[Match]) -> list[bool]:
    """Return for each sighting whether an earlier one shows the same passage."""
    seen: set[str] = set()
    repeats = []
    for match in matches:
        repeats.append(match.passage in seen)
        seen |= {match.passage} if match.passage is not None else set()
    return repeats
