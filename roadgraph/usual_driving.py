"""Hold how people drive where nothing was learned, as fitted on counts by `python -m benchmarks.bath --fit`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from roadgraph.arrays import Floats

PACKAGED = Path(__file__).with_name("usual_driving.json")


@dataclass(frozen=True, slots=True)
class NextCameraWeights:
    """How the chance of a camera to be the next falls: with the seconds to it, with what lies between and behind.

    The logarithm of the chance falls by `time` for each e-fold of the seconds, by `between` for each e-fold of the
    cameras on the way (and one), by `behind` for each e-fold of the seconds to turn round, by `same` for the camera
    itself; it rises by `road_class` for each class by which the road is more important.
    """

    time: float
    between: float
    behind: float
    same: float
    road_class: float


@dataclass(frozen=True, slots=True)
class UsualDriving:
    """How long usual drives take, and where they lead.

    A road whose limit is up to `limits_kmh[i]` takes `ratios[i]` times as long as at its limit (the last ratio is for
    faster roads), and each junction `junction_s`. `hours` multiplies the time beyond the earliest in a class of hours.
    Delays scatter by a mixture of normal distributions over the common scale: (share, centre, spread) each.
    `errand_odds` are the odds that a vehicle does something else between two cameras, within the time of the counts.
    """

    limits_kmh: tuple[float, ...]
    ratios: tuple[float, ...]
    junction_s: float
    errand_odds: float
    hours: Mapping[str, float]
    delays: tuple[tuple[float, float, float], ...]
    next_camera: NextCameraWeights
    about: str = ""

    def ratio(self, speed_kmh: Floats) -> Floats:
        """Return the seconds that roads take, divided by those at their limits."""
        return np.asarray(self.ratios)[np.digitize(speed_kmh, self.limits_kmh, right=True)]

    def save(self, path: Path) -> None:
        """Write the numbers as JSON that a person can read."""
        path.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "UsualDriving":
        """Read the numbers that `save` wrote."""
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            limits_kmh=tuple(document["limits_kmh"]),
            ratios=tuple(document["ratios"]),
            junction_s=document["junction_s"],
            errand_odds=document["errand_odds"],
            hours=dict(document["hours"]),
            delays=tuple((share, centre, spread) for share, centre, spread in document["delays"]),
            next_camera=NextCameraWeights(**document["next_camera"]),
            about=document["about"],
        )


@cache
def usual_driving() -> UsualDriving:
    """Return the numbers that are shipped with the package."""
    return UsualDriving.load(PACKAGED)
