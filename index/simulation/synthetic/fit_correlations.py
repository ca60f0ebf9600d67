"""Fit what makes faults occur together: the weather, and what vehicles, cameras and moments have in common."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtri

from index.records import Sighting
from index.simulation.synthetic.correlations import MOMENT_S, FaultCorrelations, VarianceShares
from index.simulation.synthetic.fit_plates import has_text, plate_reading
from index.simulation.synthetic.observed import ObservedVehicle
from index.simulation.synthetic.seeing_noise import (
    NEUTRAL_ODDS,
    ConfusionTable,
    HeadingNoise,
    HeightCurve,
    PlateNoise,
    WeatherOdds,
)
from reid.arrays import Floats
from reid.vehicle import COLOURS, VEHICLE_TYPES

ODDS_WIDTH = 0.5
"""Prior standard deviation of the logarithm of a weather's odds."""
MOST_CHANGE = 4.0
PRIOR_SHARES = VarianceShares(0.2, 0.1, 0.05)
PRIOR_WEIGHT = 10.0
"""The prior weighs as much as two hundred pairs of which one in seven goes wrong."""
LARGEST_SHARE = 0.6

PassageSightings = Sequence[tuple[ObservedVehicle, Sighting]]
Trial = tuple[float, bool]
"""The probability that something goes right, and whether it did."""


@dataclass(frozen=True, slots=True)
class FaultOutcome:
    """Whether something went right, its expected probability, and the vehicle, camera and time."""

    vehicle: str
    camera: str
    at_s: float
    expected: float
    right: bool


def fit_weathers(
    passages: Sequence[ObservedVehicle], shown: PassageSightings, seen: HeightCurve, plates: PlateNoise
) -> dict[str, WeatherOdds]:
    """Return how each weather changes the odds of being seen and of a plate being read."""
    seeing: dict[str, list[Trial]] = defaultdict(list)
    reading: dict[str, list[Trial]] = defaultdict(list)
    for passage in passages:
        seeing[passage.weather].append((seen.at(passage.passage.height_px), bool(passage.sightings)))
    for passage, sighting in shown:
        if _has_plate(passage):
            expected = plates.state_factor(passage.vehicle.plate_state) * plates.read.at(
                passage.passage.plate_height_px
            )
            reading[passage.weather].append((expected, has_text(sighting)))
    return {name: WeatherOdds(fit_odds(seeing[name]), fit_odds(reading[name])) for name in sorted(seeing)}


def fit_odds(trials: Sequence[Trial]) -> float:
    """Return the most probable factor on the odds of the trials, drawn towards 1."""
    expected = np.clip([probability for probability, _ in trials], 1e-6, 1 - 1e-6)
    right = np.array([came_right for _, came_right in trials], bool)

    def loss(change: float) -> float:
        p = expected * np.exp(change) / (1 - expected + expected * np.exp(change))
        return float(0.5 * (change / ODDS_WIDTH) ** 2 - np.log(np.where(right, p, 1 - p)).sum())

    found = minimize_scalar(loss, bounds=(-MOST_CHANGE, MOST_CHANGE), method="bounded")
    return round(float(np.exp(found.x)), 4)


def fit_fault_correlations(
    passages: Sequence[ObservedVehicle],
    shown: PassageSightings,
    weathers: dict[str, WeatherOdds],
    *,
    seen: HeightCurve,
    types: ConfusionTable,
    colours: ConfusionTable,
    headings: HeadingNoise,
    plates: PlateNoise,
) -> FaultCorrelations:
    """Return how each fault correlates by vehicle, camera and moment, beyond the effects of height and weather."""
    firsts = [(passage, sighting) for passage, sighting in shown if sighting is passage.sightings[0]]
    return FaultCorrelations(
        seen=fit_variance_shares([_seen_outcome(passage, seen, weathers) for passage in passages]),
        type=_fit_attribute(firsts, types, VEHICLE_TYPES, "type"),
        colour=_fit_attribute(firsts, colours, COLOURS, "colour"),
        heading=fit_variance_shares(
            [_outcome(p, headings.known_share, right=s.attributes.heading_deg is not None) for p, s in firsts],
        ),
        plate=fit_variance_shares(list(_read_outcomes(firsts, plates, weathers))),
        flawless=fit_variance_shares(list(_flawless_outcomes(firsts, plates))),
    )


def fit_variance_shares(outcomes: Sequence[FaultOutcome], prior: VarianceShares = PRIOR_SHARES) -> VarianceShares:
    """Return the shares under which outcomes go right together as often as observed, drawn towards the prior.

    Two outcomes whose normals correlate by r both go right with probability p1 p2 + f1 f2 r, to first order, where f
    is the normal density at the threshold. So pairs that have only one thing in common measure its share.
    """
    if not outcomes:
        return prior
    expected = np.clip([outcome.expected for outcome in outcomes], 0.01, 0.99)
    residual = np.array([outcome.right for outcome in outcomes]) - expected
    density = np.exp(-(ndtri(expected) ** 2) / 2) / np.sqrt(2 * np.pi)
    vehicle = _group_numbers([outcome.vehicle for outcome in outcomes])
    camera = _group_numbers([outcome.camera for outcome in outcomes])
    moment = _group_numbers([f"{outcome.camera} {int(outcome.at_s // MOMENT_S)}" for outcome in outcomes])

    def share(included: Sequence[Sequence[int]], excluded: Sequence[Sequence[int]], prior: float) -> float:
        together, most = (
            sum(_sum_of_pairs(values, groups) for groups in included)
            - sum(_sum_of_pairs(values, groups) for groups in excluded)
            for values in (residual, density)
        )
        return float(np.clip((together + PRIOR_WEIGHT * prior) / (most + PRIOR_WEIGHT), 0.0, LARGEST_SHARE))

    both = _group_numbers(zip(vehicle, camera, strict=True))
    all_three = _group_numbers(zip(vehicle, moment, strict=True))
    of_vehicle = share([vehicle], [both], prior.vehicle)
    of_camera = share([camera, all_three], [moment, both], prior.camera)
    of_moment = share([moment], [all_three], of_camera + prior.moment) - of_camera
    return _limited(of_vehicle, of_camera, max(of_moment, 0.0))


def _limited(vehicle: float, camera: float, moment: float) -> VarianceShares:
    """Return the shares, scaled down so that the sighting keeps some variance of its own."""
    scale = min(1.0, 0.95 / max(vehicle + camera + moment, 1e-9))
    return VarianceShares(*(round(scale * part, 4) for part in (vehicle, camera, moment)))


def _sum_of_pairs(values: Floats, groups: Sequence[int]) -> float:
    """Return the sum of the products of every two values of a group."""
    sums, squares = np.bincount(groups, values), np.bincount(groups, values**2)
    return float((sums**2 - squares).sum() / 2)


def _group_numbers(keys: Iterable[Hashable]) -> list[int]:
    """Return a number for each key, equal for equal keys."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _outcome(passage: ObservedVehicle, expected: float, *, right: bool) -> FaultOutcome:
    """Return the outcome; vehicles and cameras of different cities never share a name."""
    city = passage.city
    return FaultOutcome(
        f"{city} {passage.vehicle.vehicle}", f"{city} {passage.passage.camera}", passage.at_s, expected, right
    )


def _seen_outcome(passage: ObservedVehicle, seen: HeightCurve, weathers: dict[str, WeatherOdds]) -> FaultOutcome:
    expected = seen.at(passage.passage.height_px, weathers.get(passage.weather, NEUTRAL_ODDS).seen)
    return _outcome(passage, expected, right=bool(passage.sightings))


def _fit_attribute(
    firsts: PassageSightings, confusion: ConfusionTable, known: Sequence[str], attribute: str
) -> VarianceShares:
    outcomes = []
    for passage, sighting in firsts:
        believed, true = getattr(sighting.attributes, attribute), getattr(passage.vehicle, attribute)
        if believed is not None:
            number = known.index(true)
            outcomes.append(_outcome(passage, confusion.rows[number][number], right=believed == true))
    return fit_variance_shares(outcomes)


def _read_outcomes(
    firsts: PassageSightings, plates: PlateNoise, weathers: dict[str, WeatherOdds]
) -> Iterator[FaultOutcome]:
    for passage, sighting in firsts:
        if _has_plate(passage):
            odds = weathers.get(passage.weather, NEUTRAL_ODDS).plates
            expected = plates.read.at(passage.passage.plate_height_px, odds)
            factor = plates.state_factor(passage.vehicle.plate_state)
            yield _outcome(passage, factor * expected, right=has_text(sighting))


def _flawless_outcomes(firsts: PassageSightings, plates: PlateNoise) -> Iterator[FaultOutcome]:
    for passage, sighting in firsts:
        reading = plate_reading(passage, sighting) if _has_plate(passage) else None
        if reading is not None and not reading.is_garbled:
            yield _outcome(passage, plates.flawless.at(reading.height_px), right=reading.is_flawless)


def _has_plate(passage: ObservedVehicle) -> bool:
    return passage.vehicle.plate is not None and passage.passage.plate_height_px > 0
