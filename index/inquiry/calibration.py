"""Hold the numbers that turn measured evidence into a checked probability, and read and write them as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import ArchiveError

Floats = npt.NDArray[np.float64]

PACKAGED = Path(__file__).with_name("calibration.json")
ANY_MODEL = "*"
"""Stands for a model that has no calibration of its own: only its standing in the crowd is believed."""


@dataclass(frozen=True, slots=True)
class LooksScale:
    """How the cosine similarity of one model becomes a log-likelihood ratio.

    `usual` and `spread` are the similarity of two different vehicles and its standard deviation; the ratio is
    `bias + per_similarity * similarity + per_standing * standing`, held within `limit` either way, because
    as many pairs as were fitted cannot vouch for more.
    """

    usual: float
    spread: float
    bias: float
    per_similarity: float
    per_standing: float
    limit: float


@dataclass(frozen=True, slots=True)
class Weights:
    """How far each kind of evidence is trusted: 1 as it stands, less where it repeats what another kind says."""

    appearance: float = 1.0
    plate: float = 1.0
    travel: float = 1.0
    direction: float = 1.0


@dataclass(frozen=True, slots=True)
class Origin:
    """What a calibration was fitted on."""

    made: str
    seeds: tuple[int, ...]
    questions: int
    pairs: int
    same: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything fusion needs.

    Of a vehicle that was seen, `drives` further passages are to be expected on the same drive, before as well as
    after, and `errands_per_hour` on other drives, spread evenly over the time that is looked at.
    """

    looks: Mapping[str, LooksScale]
    weights: Weights
    drives: float
    errands_per_hour: float
    origin: Origin

    def passages(self, window_s: Floats) -> Floats:
        """Return how many further passages are to be expected within a window."""
        return np.asarray(self.drives + self.errands_per_hour / 3600 * window_s)

    def drive_share(self, window_s: Floats) -> Floats:
        """Return which part of them belongs to the same drive."""
        return np.asarray(self.drives / self.passages(window_s))

    def looks_of(self, model_id: str) -> LooksScale:
        """Return the scale of a model, or the cautious one for models never calibrated."""
        return self.looks.get(model_id, self.looks[ANY_MODEL])

    def save(self, path: Path) -> None:
        """Write the calibration as JSON that a person can read."""
        document = {"about": "fitted by `retrace city calibrate` on simulated cities", **asdict(self)}
        path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read a calibration that `save` wrote."""
        document = json.loads(path.read_text(encoding="utf-8"))
        try:
            origin = document["origin"]
            return cls(
                looks={model: LooksScale(**scale) for model, scale in sorted(document["looks"].items())},
                weights=Weights(**document["weights"]),
                drives=float(document["drives"]),
                errands_per_hour=float(document["errands_per_hour"]),
                origin=Origin(**{**origin, "seeds": tuple(origin["seeds"])}),
            )
        except (KeyError, TypeError) as error:
            raise ArchiveError(
                f"{path} is no calibration ({error}): make one with `retrace city calibrate CITY... --out {path}`"
            ) from None


@cache
def default() -> Calibration:
    """Return the calibration that is shipped with the package."""
    return Calibration.load(PACKAGED)
