"""Draw correlated faults: one vehicle, one camera or one moment that is hard to see suffers several faults at once.

Behind every fault is a normal random variable with parts that belong to the vehicle, the camera, the moment at the
camera, and the sighting alone (a Gaussian copula). How often a fault occurs is unchanged; only what it occurs together
with changes.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from scipy.special import ndtr, ndtri

from reid.arrays import Floats

MOMENT_S = 10.0
"""Passages of a camera within the same span of this length share a moment."""


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """The shares of vehicle, camera and moment in the variance of the normal behind a fault."""

    vehicle: float
    camera: float
    moment: float


@dataclass(frozen=True, slots=True)
class FaultCorrelations:
    """Variance shares by fault: being seen, type, colour, heading known, plate read, and plate read without mistake."""

    seen: VarianceShares
    type: VarianceShares
    colour: VarianceShares
    heading: VarianceShares
    plate: VarianceShares
    flawless: VarianceShares


@dataclass(frozen=True, slots=True)
class FaultDraws:
    """One uniform number in 0 to 1 for each fault; all is right where it is below the probability of that."""

    seen: float
    type: float
    colour: float
    heading: float
    plate: float
    flawless: float


_FAULTS = tuple(fault.name for fault in fields(FaultCorrelations))


class FaultSampler:
    """Draws the faults of sightings with the given correlations, by seed."""

    def __init__(self, correlations: FaultCorrelations, seed: int) -> None:
        self._seed = seed
        of_faults = [getattr(correlations, name) for name in _FAULTS]
        shares = np.array([[fault.vehicle, fault.camera, fault.moment] for fault in of_faults])
        self._parts = np.sqrt(np.column_stack([shares, np.maximum(1 - shares.sum(axis=1), 0)])).T

    def draw(self, vehicle: str, camera: str, at_s: float, rng: np.random.Generator) -> FaultDraws:
        """Return the draws for a vehicle that passes a camera at a second of the period."""
        moment = int(at_s // MOMENT_S)
        normal = rng.normal(size=len(_FAULTS)) * self._parts[3]
        for part, name in zip(self._parts, (vehicle, camera, f"{camera} {moment}"), strict=False):
            normal += part * _normals(f"{self._seed} {name}")
        return FaultDraws(*ndtr(normal).tolist())

    def phantom_rate(self, camera: str, uneven: float) -> float:
        """Return the camera's rate of phantoms relative to the mean: gamma with mean 1 and variance `uneven`."""
        if uneven <= 0:
            return 1.0
        own = int.from_bytes(blake2b(f"{self._seed} {camera}".encode(), digest_size=8).digest(), "big")
        return float(np.random.default_rng(own).gamma(1 / uneven, uneven))


@lru_cache(maxsize=20_000)
def _normals(name: str) -> Floats:
    """Return one normal number for each fault, determined by a name."""
    digest = blake2b(name.encode(), digest_size=8 * len(_FAULTS)).digest()
    return np.asarray(ndtri((np.frombuffer(digest, "<u8") + 0.5) / 2.0**64), np.float64)
