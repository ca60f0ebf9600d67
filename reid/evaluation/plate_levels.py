"""Run the installed verifier, reader and locator over plates with known answers: drawn, or real and in pairs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from reid.errors import SeeingError
from reid.evaluation.metrics import calibration_error
from reid.evaluation.pairs import pair_files
from reid.evaluation.plate_folder import FolderScore, PlatePicture, score_folder
from reid.evaluation.plate_pairs import Measured, Methods, draw_pairs, measure, true_corners
from reid.evaluation.reliability import reliability_picture
from reid.images import read_image
from reid.plates.locate import VEHICLE, locate, locate_in_crop
from reid.plates.looks import Verifier
from reid.plates.read import spell
from reid.plates.rectify import Quad
from reid.plates.spelling import as_plate
from reid.plates.verify import installed_verifier
from reid.render.number_plates.views import PlateView
from reid.vehicle import Image, Plate


def measure_level(
    plates: int, level: tuple[float, int], *, seed: int, read: bool = False, located: bool = False
) -> list[Measured]:
    """Return how well plates of a height and severity are told apart by their looks, by reading, and by both.

    `located` leaves it to the locator to say where a plate is in its picture.
    """
    pairs = draw_pairs(plates, *level, seed=seed)
    return measure(pairs, Methods(installed(), _read if read else None), _own_corners if located else true_corners)


def measure_folder(folder: Path, *, part: str = "all", read: bool = False, least_px: float = 0.0) -> FolderScore:
    """Return how well the plates of a folder of NAME_cam1.jpg and NAME_cam2.jpg find each other."""
    pairs = [pair for pair in pair_files(folder) if part in ("all", pair.part)]
    pictures = [PlatePicture(pair.name, read_image(path)) for pair in pairs for path in (pair.first, pair.second)]
    return score_folder(pictures, _best_corners, installed(), read_one if read else None, least_px=least_px)


def calibration_picture(levels: Iterable[Sequence[Measured]], method: str = "looks") -> Image:
    """Return a picture of how often what a method called so probable is true, over all levels."""
    told = [one.probabilities() for level in levels for one in level if one.method == method]
    probabilities, truth = (np.concatenate(parts) for parts in zip(*told, strict=True))
    error = calibration_error(probabilities, truth)
    return reliability_picture(probabilities, truth, f"plates by {method}: {len(truth)} pairs, ECE {error:.3f}")


def _own_corners(seen: PlateView) -> Quad:
    """Return where the locator sees the plate."""
    return locate_in_crop(seen.image)


def installed() -> Verifier:
    """Return the verifier in use."""
    verifier = installed_verifier()
    if verifier is None:
        raise SeeingError("no plate verifier is installed: train one with `retrace train verifier` and add it")
    return verifier


def read_one(image: Image, corners: Quad) -> Plate:
    """Return what the reader in use makes of a plate."""
    return as_plate(corners, spell(image, [corners])[0])


def _best_corners(image: Image) -> Quad | None:
    """Return where the locator sees the vehicle's plate."""
    found = locate(image, VEHICLE)
    return found[0].corners if found else None


def _read(located: Sequence[tuple[Image, Quad]]) -> list[Plate]:
    return [read_one(image, corners) for image, corners in located]
