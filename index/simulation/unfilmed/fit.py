"""Fit the noise of seeing to what the pipeline made of filmed cities, beside what is true of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from index.sighting import Sighting
from index.simulation.seeing_score import LEAST_PLATE_PX
from index.simulation.unfilmed.curves import PRIOR_COUNT, fit_confusion, fit_curve, fit_share, fit_shares, fit_spread
from index.simulation.unfilmed.likeness import Pairs, compare, fit_likeness, joined
from index.simulation.unfilmed.plates import fit_plates, has_text, is_exact
from index.simulation.unfilmed.seeing_noise import (
    Curve,
    Headings,
    Origin,
    Phantoms,
    SeeingNoise,
    Sight,
    Times,
)
from index.simulation.unfilmed.seen import SeenCity, SeenPassage
from index.simulation.unfilmed.together import fit_ties, fit_weathers
from reid.vehicle import COLOURS, VEHICLE_TYPES
from roadgraph.geometry import turn_between_deg

SEEN = Curve(half_px=30, steep=6, most=0.95)
DUPLICATES, PHANTOMS, UNEVEN = 0.05, 0.1, 0.5
"""What is believed before anything is counted."""
NONSENSE_DEG = 45.0
"""A heading that is off by more is nonsense, not spread."""
MOST_UNEVEN = 3.0
MOST_SIGHTS = 150
"""So many passages of each kind of camera are kept to draw from."""


def fit(cities: Sequence[SeenCity], *, made: str) -> SeeingNoise:
    """Return the noise that all cities together show; `made` is the day."""
    passages = [passage for city in cities for passage in city.passages]
    phantoms = [sighting for city in cities for sighting in city.phantoms]
    seen = [passage for passage in passages if passage.sightings]
    shown = [(passage, sighting) for passage in seen for sighting in passage.sightings]
    pairs = joined([compare(city.portraits) for city in cities])
    looks = [(passage.vehicle, sighting.look) for passage, sighting in shown]
    heights_px = [passage.passage.height_px for passage in passages]
    seeing = fit_curve(heights_px, [bool(passage.sightings) for passage in passages], [1] * len(passages), SEEN)
    types = fit_confusion(
        [(true.type, look.type, look.types[look.type]) for true, look in looks if look.type is not None],
        VEHICLE_TYPES,
        right_prior=0.8,
    )
    colours = fit_confusion(
        [(true.colour, look.colour, look.colours[look.colour]) for true, look in looks if look.colour is not None],
        COLOURS,
        right_prior=0.7,
    )
    headings, plates = _headings(shown), fit_plates(shown)
    weathers = fit_weathers(passages, shown, seeing, plates)
    return SeeingNoise(
        seen=seeing,
        duplicates=fit_share(len(shown) - len(seen), len(seen), DUPLICATES),
        phantoms=_phantoms(cities),
        times=_times(shown),
        types=types,
        colours=colours,
        headings=headings,
        plates=plates,
        likeness=fit_likeness(pairs),
        ties=fit_ties(
            passages, shown, weathers, seen=seeing, types=types, colours=colours, headings=headings, plates=plates
        ),
        weathers=weathers,
        sights=_sights(passages),
        origin=_origin(cities, passages, shown, phantoms, pairs, made),
    )


def _phantoms(cities: Sequence[SeenCity]) -> Phantoms:
    phantoms = [sighting for city in cities for sighting in city.phantoms]
    per_passage = fit_share(len(phantoms), sum(len(city.passages) for city in cities), PHANTOMS)
    return Phantoms(
        per_passage=per_passage,
        uneven=_unevenness(cities, per_passage),
        types=fit_shares([s.look.type for s in phantoms if s.look.type is not None], VEHICLE_TYPES),
        colours=fit_shares([s.look.colour for s in phantoms if s.look.colour is not None], COLOURS),
        height_px=fit_spread([s.box.height for s in phantoms], (20, 40, 120)),
        seconds=fit_spread([(s.last - s.first).total_seconds() for s in phantoms], (0.5, 2, 10)),
    )


def _unevenness(cities: Sequence[SeenCity], per_passage: float) -> float:
    """Return the variance of the cameras' rates of phantoms beside the square of their mean, by moments."""
    passed = Counter((n, seen.passage.camera) for n, city in enumerate(cities) for seen in city.passages)
    nothing = Counter((n, sighting.camera) for n, city in enumerate(cities) for sighting in city.phantoms)
    expected = np.array([per_passage * count for count in passed.values()])
    counted = np.array([nothing[camera] for camera in passed])
    beyond = float(((counted - expected) ** 2 - expected).sum()) + PRIOR_COUNT * UNEVEN
    return round(float(np.clip(beyond / (float((expected**2).sum()) + PRIOR_COUNT), 0.0, MOST_UNEVEN)), 4)


def _times(shown: Sequence[tuple[SeenPassage, Sighting]]) -> Times:
    first, last = [], []
    best: dict[bool, list[float]] = {True: [], False: []}
    for passage, sighting in shown:
        true, length = passage.passage, passage.passage.last - passage.passage.first
        if length > timedelta(0):
            first.append(float(np.clip((sighting.first - true.first) / length, -0.1, 1)))
            last.append(float(np.clip((sighting.last - true.first) / length, 0, 1.1)))
        if sighting.last > sighting.first:
            towards = turn_between_deg(true.heading, 180.0) < 90
            share = (sighting.best - sighting.first) / (sighting.last - sighting.first)
            best[towards].append(float(np.clip(share, 0, 1)))
    return Times(
        first=fit_spread(first, (0, 0, 0.3)),
        last=fit_spread(last, (0.7, 1, 1)),
        best_away=fit_spread(best[False], (0.05, 0.2, 0.6)),
        best_towards=fit_spread(best[True], (0.4, 0.8, 0.95)),
    )


def _headings(shown: Sequence[tuple[SeenPassage, Sighting]]) -> Headings:
    turns = [
        turn_between_deg(passage.passage.heading, sighting.look.heading_deg)
        for passage, sighting in shown
        if sighting.look.heading_deg is not None
    ]
    near = [turn for turn in turns if turn <= NONSENSE_DEG]
    squares = sum(turn**2 for turn in near)
    # A heading drawn at random is near the truth by chance now and then.
    wrong = (len(turns) - len(near)) / (1 - NONSENSE_DEG / 180)
    return Headings(
        known_share=fit_share(len(turns), len(shown), 0.8),
        wrong_share=min(fit_share(wrong, len(turns), 0.05), 1.0),
        deviation_deg=round(float(np.sqrt((squares + 5 * 8.0**2) / (len(near) + 5))), 2),
    )


def _sights(passages: Sequence[SeenPassage]) -> dict[str, tuple[Sight, ...]]:
    """Return how large and long passages were, evenly chosen where there are many."""
    found: dict[str, list[Sight]] = {}
    for passage in passages:
        true = passage.passage
        if passage.vehicle.plate is not None:
            seconds = round((true.last - true.first).total_seconds(), 2)
            found.setdefault(passage.kind, []).append(Sight(true.height_px, true.plate_height_px, seconds, true.counts))
    return {kind: tuple(_evenly(sights, MOST_SIGHTS)) for kind, sights in sorted(found.items())}


def _evenly(sights: Sequence[Sight], most: int) -> list[Sight]:
    ordered = sorted(sights, key=lambda sight: (sight.height_px, sight.seconds, sight.plate_height_px))
    chosen = np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int)
    return [ordered[i] for i in chosen]


def _origin(
    cities: Sequence[SeenCity],
    passages: Sequence[SeenPassage],
    shown: Sequence[tuple[SeenPassage, Sighting]],
    phantoms: Sequence[Sighting],
    pairs: Pairs,
    made: str,
) -> Origin:
    looks = [(passage.vehicle, sighting.look) for passage, sighting in shown]
    high = [p for p in passages if p.vehicle.plate is not None and p.passage.plate_height_px >= LEAST_PLATE_PX]
    counts = {
        "passages": len(passages),
        "passages_seen": sum(bool(passage.sightings) for passage in passages),
        "passages_that_count": sum(passage.passage.counts for passage in passages),
        "passages_that_count_seen": sum(passage.passage.counts and bool(passage.sightings) for passage in passages),
        "sightings": len(shown) + len(phantoms),
        "phantoms": len(phantoms),
        "types_right": sum(look.type == vehicle.type for vehicle, look in looks),
        "colours_right": sum(look.colour == vehicle.colour for vehicle, look in looks),
        "plates_high": len(high),
        "plates_high_read": sum(any(map(has_text, p.sightings)) for p in high),
        "plates_high_exact": sum(any(is_exact(p.vehicle, s) for s in p.sightings) for p in high),
        "pairs_other": len(pairs.other),
        "pairs_twin": len(pairs.twin),
        "pairs_other_view": len(pairs.other_view),
        "pairs_same_view": len(pairs.same_view),
    }
    models = sorted({model for city in cities for model in city.models})
    return Origin(made, tuple(city.seed for city in cities), tuple(models), counts)
