"""Score plate verification with the installed models: drawn plates of a level, and real plates in pairs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.arrays import Flags, Floats
from reid.errors import SeeingError
from reid.evaluation.calibration import reliability_diagram
from reid.evaluation.intervals import Figure, share
from reid.evaluation.metrics import calibration_error
from reid.evaluation.pairs import pair_files
from reid.evaluation.plate_pairs import ComparisonMethods, MethodScore, draw_pairs, measure_methods, true_corners
from reid.images import read_image
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.locate import VEHICLE, locate, locate_in_crop
from reid.plates.read import spell
from reid.plates.rectify import Quad, quad_size
from reid.plates.spelling import as_plate
from reid.plates.verify import PlateAppearance, Verifier, corners_of, installed_verifier
from reid.render.number_plates.views import PlateView
from reid.vehicle import Image, Plate

SURE = float(np.log(99))
"""The llr of a probability of 0.99 at even prior."""

LocatePlate = Callable[[Image], Quad | None]
ReadPlate = Callable[[Image, Quad], Plate]


@dataclass(frozen=True, slots=True)
class PlatePicture:
    """One picture of a vehicle; `vehicle` names it."""

    vehicle: str
    image: Image


@dataclass(frozen=True, slots=True)
class FolderScore:
    """How well vehicles are found by plates alone: `first` is how often the other picture ranks first.

    `accepted` is the share of pairs of different vehicles with an llr above 0, `surely` above SURE, `missed` that of
    same ones at most 0; `chance` is how often a random order would rank the right one first.
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
    locate: LocatePlate,
    verifier: Verifier,
    read: ReadPlate | None = None,
    *,
    least_px: float = 0.0,
) -> FolderScore:
    """Rank all located plates for each plate, by appearance and, with `read`, by text, and score the rankings.

    Plates under `least_px` of height are left out.
    """
    seen = ((one.vehicle, one.image, locate(one.image)) for one in pictures)
    found = [(name, image, quad) for name, image, quad in seen if quad is not None and quad_size(quad)[1] >= least_px]
    vehicles = np.array([vehicle for vehicle, _, _ in found])
    llrs = _appearance_llrs(verifier, verifier.appearance([(image, corners_of(quad)) for _, image, quad in found]))
    if read is not None:
        plates = [read(image, corners) for _, image, corners in found]
        text = np.stack([text_llrs(plate, plates) for plate in plates])
        llrs = fused_llr(text.ravel(), llrs.ravel()).reshape(llrs.shape)
    same = (vehicles[:, None] == vehicles[None]) & ~np.eye(len(vehicles), dtype=bool)
    asked = np.flatnonzero(same.any(axis=1))
    names = [str(vehicles[row]) for row in asked]
    hits = [_first_is_right(llrs[row], same[row], int(row)) for row in asked]
    other = vehicles[:, None] != vehicles[None]

    def claimed(least: float) -> Figure:
        return share(list(vehicles), [float((llrs[row][other[row]] > least).mean()) for row in range(len(vehicles))])

    return FolderScore(
        len(found),
        len(asked),
        share(names, hits),
        share(names, [float((llrs[row][same[row]] <= 0).mean()) for row in asked]),
        claimed(0.0),
        claimed(SURE),
        1 / max(1, len(found) - 1),
        float(np.median([quad_size(corners)[1] for _, _, corners in found])) if found else 0.0,
    )


def measure_level(
    plates: int, level: tuple[float, int], *, seed: int, read: bool = False, located: bool = False
) -> list[MethodScore]:
    """Score how well plates of a height and severity are parts_by_level apart by appearance, by text, and by both.

    With `located` the locator finds the plate in its picture.
    """
    pairs = draw_pairs(plates, *level, seed=seed)
    return measure_methods(
        pairs,
        ComparisonMethods(required_verifier(), _read if read else None),
        _located_corners if located else true_corners,
    )


def measure_folder(folder: Path, *, part: str = "all", read: bool = False, least_px: float = 0.0) -> FolderScore:
    """Score how well the plates of a folder of NAME_cam1.jpg and NAME_cam2.jpg find each other."""
    pairs = [pair for pair in pair_files(folder) if part in ("all", pair.part)]
    pictures = [PlatePicture(pair.name, read_image(path)) for pair in pairs for path in (pair.first, pair.second)]
    return score_folder(pictures, _best_corners, required_verifier(), read_one if read else None, least_px=least_px)


def calibration_diagram(levels: Iterable[Sequence[MethodScore]], method: str = "looks") -> Image:
    """Return the reliability diagram of a method over all levels."""
    parts_by_level = [one.probabilities() for level in levels for one in level if one.method == method]
    probabilities, truth = (np.concatenate(parts) for parts in zip(*parts_by_level, strict=True))
    error = calibration_error(probabilities, truth)
    return reliability_diagram(probabilities, truth, f"plates by {method}: {len(truth)} pairs, ECE {error:.3f}")


def required_verifier() -> Verifier:
    """Return the installed verifier; fail if there is none."""
    verifier = installed_verifier()
    if verifier is None:
        raise SeeingError("no plate verifier is installed: train one with `retrace train verifier` and add it")
    return verifier


def read_one(image: Image, corners: Quad) -> Plate:
    """Read one plate with the installed reader."""
    return as_plate(corners, spell(image, [corners])[0])


def _appearance_llrs(verifier: Verifier, features: PlateAppearance) -> Floats:
    """Return the llrs of all pairs, (n, n)."""
    llrs = np.zeros((len(features), len(features)))
    first, second = np.triu_indices(len(features), 1)
    llrs[first, second] = verifier.llr(features.take(first), features.take(second))
    return llrs + llrs.T


def _first_is_right(llrs: Floats, same: Flags, itself: int) -> float:
    """Return 1 if the best other plate is of the same vehicle; ties go to the first."""
    others = np.delete(np.arange(len(llrs)), itself)
    return float(same[others[int(np.argmax(llrs[others]))]])


def _located_corners(seen: PlateView) -> Quad:
    """Return the plate's corners found by the installed locator."""
    return locate_in_crop(seen.image)


def _best_corners(image: Image) -> Quad | None:
    """Return the corners of the best plate found in a vehicle's picture."""
    found = locate(image, VEHICLE)
    return found[0].corners if found else None


def _read(located: Sequence[tuple[Image, Quad]]) -> list[Plate]:
    return [read_one(image, corners) for image, corners in located]
