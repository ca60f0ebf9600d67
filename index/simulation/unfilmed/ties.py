"""Let faults come together: on a vehicle that is hard to see, on a camera that sees badly, in a bad moment.

Behind every fault lies a normal chance, made of parts that belong to the vehicle, the camera, the camera's moment and
nothing but the sighting (a Gaussian copula): how often a fault comes is left as it is, only with what it comes changes.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float64]

MOMENT_S = 10.0
"""What passes a camera within so many seconds shares a moment."""
PRIOR_WEIGHT = 10.0
"""What is believed beforehand weighs as much as two hundred pairs of which one in seven goes wrong."""
MOST = 0.6


@dataclass(frozen=True, slots=True)
class Tie:
    """The shares that vehicle, camera and moment have in the chance behind a fault."""

    vehicle: float
    camera: float
    moment: float


BEFOREHAND = Tie(0.2, 0.1, 0.05)
"""What is believed before anything is counted."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of being seen, of right types and colours, of known headings, and of plates: read, without mistake."""

    seen: Tie
    type: Tie
    colour: Tie
    heading: Tie
    plate: Tie
    flawless: Tie


@dataclass(frozen=True, slots=True)
class Chances:
    """One even number from 0 to 1 for each fault; it goes right where the number is below the chance of that."""

    seen: float
    type: float
    colour: float
    heading: float
    plate: float
    flawless: float


_FAULTS = tuple(fault.name for fault in fields(Ties))


class Luck:
    """Draws the chances of sightings, tied as they should be; the seed decides who is lucky."""

    def __init__(self, ties: Ties, seed: int) -> None:
        self._seed = seed
        shares = np.array([[tie.vehicle, tie.camera, tie.moment] for tie in (getattr(ties, name) for name in _FAULTS)])
        self._parts = np.sqrt(np.column_stack([shares, np.maximum(1 - shares.sum(axis=1), 0)])).T

    def draw(self, vehicle: str, camera: str, at_s: float, rng: np.random.Generator) -> Chances:
        """Return the chances of a vehicle at a camera and second."""
        moment = int(at_s // MOMENT_S)
        normal = rng.normal(size=len(_FAULTS)) * self._parts[3]
        for part, name in zip(self._parts, (vehicle, camera, f"{camera} {moment}"), strict=False):
            normal += part * _normals(f"{self._seed} {name}")
        return Chances(*ndtr(normal).tolist())

    def rate(self, camera: str, uneven: float) -> float:
        """Return how many times as often as others a camera sees nothing: gamma, of mean 1 and variance `uneven`."""
        if uneven <= 0:
            return 1.0
        own = int.from_bytes(blake2b(f"{self._seed} {camera}".encode(), digest_size=8).digest(), "big")
        return float(np.random.default_rng(own).gamma(1 / uneven, uneven))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether something went right that was expected to with a chance, and with whom, where and when."""

    vehicle: str
    camera: str
    at_s: float
    expected: float
    right: bool


def fit_tie(outcomes: Sequence[Outcome], prior: Tie = BEFOREHAND) -> Tie:
    """Return the tie that makes outcomes go right together as often as they do, drawn towards the prior.

    Two outcomes whose normals correlate by r both go right with p1 p2 + f1 f2 r, to first order, where f is the normal
    density at the threshold: pairs that have only one thing in common tell its share.
    """
    if not outcomes:
        return prior
    chance = np.clip([one.expected for one in outcomes], 0.01, 0.99)
    surprise = np.array([one.right for one in outcomes]) - chance
    density = np.exp(-(ndtri(chance) ** 2) / 2) / np.sqrt(2 * np.pi)
    vehicle = _numbered([one.vehicle for one in outcomes])
    camera = _numbered([one.camera for one in outcomes])
    moment = _numbered([f"{one.camera} {int(one.at_s // MOMENT_S)}" for one in outcomes])

    def share(wanted: Sequence[Sequence[int]], unwanted: Sequence[Sequence[int]], prior: float) -> float:
        together, most = (
            sum(_pairs(values, groups) for groups in wanted) - sum(_pairs(values, groups) for groups in unwanted)
            for values in (surprise, density)
        )
        return float(np.clip((together + PRIOR_WEIGHT * prior) / (most + PRIOR_WEIGHT), 0.0, MOST))

    both = _numbered(zip(vehicle, camera, strict=True))
    all_three = _numbered(zip(vehicle, moment, strict=True))
    of_vehicle = share([vehicle], [both], prior.vehicle)
    of_camera = share([camera, all_three], [moment, both], prior.camera)
    of_moment = share([moment], [all_three], of_camera + prior.moment) - of_camera
    return _fitting(of_vehicle, of_camera, max(of_moment, 0.0))


def _fitting(vehicle: float, camera: float, moment: float) -> Tie:
    """Return the tie, made smaller where nothing would be left to chance."""
    share = min(1.0, 0.95 / max(vehicle + camera + moment, 1e-9))
    return Tie(*(round(share * part, 4) for part in (vehicle, camera, moment)))


def _pairs(values: Floats, groups: Sequence[int]) -> float:
    """Return the sum of the products of every two values of a group."""
    sums, squares = np.bincount(groups, values), np.bincount(groups, values**2)
    return float((sums**2 - squares).sum() / 2)


def _numbered(keys: Iterable[Hashable]) -> list[int]:
    """Return a number for each key, equal ones for equal keys."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


@lru_cache(maxsize=20_000)
def _normals(name: str) -> Floats:
    """Return a normal number for each fault that belongs to a name."""
    digest = blake2b(name.encode(), digest_size=8 * len(_FAULTS)).digest()
    return np.asarray(ndtri((np.frombuffer(digest, "<u8") + 0.5) / 2.0**64), np.float64)
