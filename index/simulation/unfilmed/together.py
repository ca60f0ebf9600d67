"""Fit what makes faults come together: the weather, and what vehicles, cameras and moments have in common."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from index.sighting import Sighting
from index.simulation.unfilmed.plates import has_text, reading_of
from index.simulation.unfilmed.seeing_noise import AS_EVER, Confusion, Curve, Headings, Odds, Plates
from index.simulation.unfilmed.seen import SeenPassage
from index.simulation.unfilmed.ties import Outcome, Tie, Ties, fit_tie
from reid.vehicle import COLOURS, VEHICLE_TYPES

ODDS_WIDTH = 0.5
"""Beforehand a weather changes the logarithm of the odds by so much (a deviation)."""
MOST_CHANGE = 4.0

Shown = Sequence[tuple[SeenPassage, Sighting]]
Trial = tuple[float, bool]
"""What was expected to go right with a chance, and whether it did."""


def fit_weathers(passages: Sequence[SeenPassage], shown: Shown, seen: Curve, plates: Plates) -> dict[str, Odds]:
    """Return what each weather does to the odds of being seen, and of a plate being read."""
    seeing: dict[str, list[Trial]] = defaultdict(list)
    reading: dict[str, list[Trial]] = defaultdict(list)
    for passage in passages:
        seeing[passage.weather].append((seen.at(passage.passage.height_px), bool(passage.sightings)))
    for passage, sighting in shown:
        if _bears_plate(passage):
            expected = plates.left(passage.vehicle.plate_state) * plates.read.at(passage.passage.plate_height_px)
            reading[passage.weather].append((expected, has_text(sighting)))
    return {name: Odds(fit_odds(seeing[name]), fit_odds(reading[name])) for name in sorted(seeing)}


def fit_odds(trials: Sequence[Trial]) -> float:
    """Return the most probable number to multiply the odds of the trials with, drawn towards 1."""
    chance = np.clip([expected for expected, _ in trials], 1e-6, 1 - 1e-6)
    right = np.array([came for _, came in trials], bool)

    def loss(change: float) -> float:
        p = chance * np.exp(change) / (1 - chance + chance * np.exp(change))
        return float(0.5 * (change / ODDS_WIDTH) ** 2 - np.log(np.where(right, p, 1 - p)).sum())

    found = minimize_scalar(loss, bounds=(-MOST_CHANGE, MOST_CHANGE), method="bounded")
    return round(float(np.exp(found.x)), 4)


def fit_ties(
    passages: Sequence[SeenPassage],
    shown: Shown,
    weathers: dict[str, Odds],
    *,
    seen: Curve,
    types: Confusion,
    colours: Confusion,
    headings: Headings,
    plates: Plates,
) -> Ties:
    """Return how far each fault comes with a vehicle, a camera and a moment, beyond what heights and weathers do."""
    firsts = [(passage, sighting) for passage, sighting in shown if sighting is passage.sightings[0]]
    return Ties(
        seen=fit_tie([_seen(passage, seen, weathers) for passage in passages]),
        type=_named(firsts, types, VEHICLE_TYPES, "type"),
        colour=_named(firsts, colours, COLOURS, "colour"),
        heading=fit_tie(
            [_outcome(p, headings.known_share, right=s.look.heading_deg is not None) for p, s in firsts],
        ),
        plate=fit_tie(list(_plates_read(firsts, plates, weathers))),
        flawless=fit_tie(list(_plates_flawless(firsts, plates))),
    )


def _outcome(passage: SeenPassage, expected: float, *, right: bool) -> Outcome:
    """Return the outcome; vehicles and cameras of two cities have nothing in common."""
    city = passage.city
    return Outcome(
        f"{city} {passage.vehicle.vehicle}", f"{city} {passage.passage.camera}", passage.at_s, expected, right
    )


def _seen(passage: SeenPassage, seen: Curve, weathers: dict[str, Odds]) -> Outcome:
    expected = seen.at(passage.passage.height_px, weathers.get(passage.weather, AS_EVER).seen)
    return _outcome(passage, expected, right=bool(passage.sightings))


def _named(firsts: Shown, confusion: Confusion, known: Sequence[str], attribute: str) -> Tie:
    outcomes = []
    for passage, sighting in firsts:
        believed, true = getattr(sighting.look, attribute), getattr(passage.vehicle, attribute)
        if believed is not None:
            number = known.index(true)
            outcomes.append(_outcome(passage, confusion.rows[number][number], right=believed == true))
    return fit_tie(outcomes)


def _plates_read(firsts: Shown, plates: Plates, weathers: dict[str, Odds]) -> Iterator[Outcome]:
    for passage, sighting in firsts:
        if _bears_plate(passage):
            odds = weathers.get(passage.weather, AS_EVER).plates
            expected = plates.read.at(passage.passage.plate_height_px, odds)
            left = plates.left(passage.vehicle.plate_state)
            yield _outcome(passage, left * expected, right=has_text(sighting))


def _plates_flawless(firsts: Shown, plates: Plates) -> Iterator[Outcome]:
    for passage, sighting in firsts:
        reading = reading_of(passage, sighting) if _bears_plate(passage) else None
        if reading is not None and not reading.is_garbled:
            yield _outcome(passage, plates.flawless.at(reading.height_px), right=reading.is_flawless)


def _bears_plate(passage: SeenPassage) -> bool:
    return passage.vehicle.plate is not None and passage.passage.plate_height_px > 0
