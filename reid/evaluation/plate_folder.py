"""Ask for real vehicles by their plates alone: each located plate of two cameras against all others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.intervals import Figure, share
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.looks import PlateLooks, Verifier, corners_of
from reid.plates.rectify import Quad, quad_size
from reid.vehicle import Image, Plate

Floats = npt.NDArray[np.float64]

SURE = float(np.log(99))
"""The ratio from which two plates are called the same with a probability of 0.99 at even prior."""
Locate = Callable[[Image], Quad | None]
Read = Callable[[Image, Quad], Plate]


@dataclass(frozen=True, slots=True)
class PlatePicture:
    """One picture of a vehicle; `vehicle` names it."""

    vehicle: str
    image: Image


@dataclass(frozen=True, slots=True)
class FolderScore:
    """What plates alone tell: how many vehicles have a plate in both pictures, how often the other one comes first.

    `accepted` is the share of pairs of different vehicles with a ratio above 1, `surely` above SURE, `missed` that of
    same ones at most 1; `chance` is how often a random order would put the right one first.
    """

    located: int
    questions: int
    first: Figure
    missed: Figure
    accepted: Figure
    surely: Figure
    chance: float
    median_height_px: float


def score_folder(
    pictures: Sequence[PlatePicture],
    locate: Locate,
    verifier: Verifier,
    read: Read | None = None,
    *,
    least_px: float = 0.0,
) -> FolderScore:
    """Return how well each plate finds the other picture of its vehicle among all located plates, by looks and text.

    Plates under `least_px` of height are left out.
    """
    seen = ((one.vehicle, one.image, locate(one.image)) for one in pictures)
    found = [(name, image, quad) for name, image, quad in seen if quad is not None and quad_size(quad)[1] >= least_px]
    vehicles = np.array([vehicle for vehicle, _, _ in found])
    ratios = _looks_llr(verifier, verifier.look([(image, corners_of(quad)) for _, image, quad in found]))
    if read is not None:
        plates = [read(image, corners) for _, image, corners in found]
        text = np.stack([text_llrs(plate, plates) for plate in plates])
        ratios = fused_llr(text.ravel(), ratios.ravel()).reshape(ratios.shape)
    same = (vehicles[:, None] == vehicles[None]) & ~np.eye(len(vehicles), dtype=bool)
    asked = np.flatnonzero(same.any(axis=1))
    names = [str(vehicles[row]) for row in asked]
    hits = [_first_is_right(ratios[row], same[row], int(row)) for row in asked]
    other = vehicles[:, None] != vehicles[None]

    def claimed(least: float) -> Figure:
        return share(list(vehicles), [float((ratios[row][other[row]] > least).mean()) for row in range(len(vehicles))])

    return FolderScore(
        len(found),
        len(asked),
        share(names, hits),
        share(names, [float((ratios[row][same[row]] <= 0).mean()) for row in asked]),
        claimed(0.0),
        claimed(SURE),
        1 / max(1, len(found) - 1),
        float(np.median([quad_size(corners)[1] for _, _, corners in found])) if found else 0.0,
    )


def _looks_llr(verifier: Verifier, looks: PlateLooks) -> Floats:
    """Return the ratios of all pairs, (n, n)."""
    ratios = np.zeros((len(looks), len(looks)))
    first, second = np.triu_indices(len(looks), 1)
    ratios[first, second] = verifier.llr(looks.taken(first), looks.taken(second))
    return ratios + ratios.T


def _first_is_right(ratios: Floats, same: npt.NDArray[np.bool_], itself: int) -> float:
    """Return 1 if the best other plate is of the vehicle; of equal ones the first stands."""
    others = np.delete(np.arange(len(ratios)), itself)
    return float(same[others[int(np.argmax(ratios[others]))]])
