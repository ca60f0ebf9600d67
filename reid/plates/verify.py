"""Compare plates by their appearance, readable or not: features of each plate once, a calibrated llr of any pair."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats, Floats32
from reid.errors import SeeingError
from reid.onnx import open_session, to_blob
from reid.plates.curves import Curves, as_curves, curves_document
from reid.plates.rectify import MARGIN, Quad, quad_sizes, rectified
from reid.plates.twins import twin_curves
from reid.vehicle import Corners, Image
from reid.weights import Weights, list_weights

TASK = "plate verifier"

CALIBRATION = "calibration"
"""The metadata key of the network file under which its calibration stands as JSON: one never goes without the other."""

AT_ONCE = 32
PAIRS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class PlateAppearance:
    """Features of n plates: `vectors` (n, d) float32 of unit length, `maps` (n, ...) float16, `heights_px` (n,).

    Vectors are for the search, maps for the comparison of pairs. The height is that of the plate in its picture, before
    it was rectified; together with `sharpness` (n,) it tells how much can be seen at all. Both are float32.
    """

    vectors: Floats32
    maps: npt.NDArray[np.float16]
    heights_px: Floats32
    sharpness: Floats32

    def __len__(self) -> int:
        """Return the number of plates."""
        return len(self.vectors)

    def take(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> "PlateAppearance":
        """Return the features of the plates in `rows`, which may repeat."""
        chosen = np.asarray(rows, np.int64)
        return PlateAppearance(self.vectors[chosen], self.maps[chosen], self.heights_px[chosen], self.sharpness[chosen])


class Verifier(Protocol):
    """Compares plates that need not be readable; every llr is natural, the same plate against another."""

    @property
    def model_id(self) -> str:
        """Return an id of the weights: vectors of different ids never compare."""

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        """Return the features of plates, each given by a picture and its corners in it."""

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        """Return the llr of each pair, first[i] with second[i], by their maps, calibrated for their heights."""

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        """Return the same llrs, and those against plates that differ in one character."""

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        """Return the llr of pairs of which only the inner product of the vectors and the heights are known."""


@cache
def installed_verifier() -> "PlateVerifier | None":
    """Return the verifier that is packaged or was added; None if there is none."""
    found = verifier_weights()
    return None if found is None else PlateVerifier(found)


def verifier_weights() -> Weights | None:
    """Return the weights of the verifier that is packaged or was added; None if there is none."""
    return next((weights for weights in list_weights() if weights.card.task == TASK), None)


class PlateVerifier:
    """Compare plates by a Siamese network, its scores calibrated by how well both plates can be seen."""

    def __init__(self, weights: Weights) -> None:
        self.model_id = weights.model_id
        self._size_px = weights.card.picture.width_px, weights.card.picture.height_px
        self._network = SiameseNetwork(weights)
        self._calibration = self._network.calibration()

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        """Return the features of plates, each given by a picture and its corners in it."""
        flat = [rectified(image, np.array(corners, np.float32), *self._size_px, MARGIN) for image, corners in plates]
        heights = heights_px([corners for _, corners in plates]).astype(np.float32)
        return self._network.appearance(flat, heights)

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        """Return the natural log-likelihood ratio of each pair, the same plate against another."""
        return self._calibration.pairs.at(self._network.scores(first, second), self._quality(first, second))

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        """Return the same llrs, and those against plates that differ in one character.

        A verifier of which that was never measured is not believed to tell such plates apart.
        """
        scores, quality = self._network.scores(first, second), self._quality(first, second)
        llrs, curves = self._calibration.pairs.at(scores, quality), twin_curves(self.model_id)
        return llrs, np.minimum(llrs, 0.0) if curves is None else curves.at(scores, quality)

    def _quality(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        sides = [
            self._calibration.quality(side.heights_px.astype(float), side.sharpness.astype(float))
            for side in (first, second)
        ]
        return pair_quality(*sides)

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        """Return the llr of pairs of which only the inner product of the vectors and the heights are known."""
        quality = pair_quality(height_quality(first_px), height_quality(second_px))
        return self._calibration.cosines.at(cosines, np.broadcast_to(quality, cosines.shape))


class SiameseNetwork:
    """Run the network: features of plates, and uncalibrated scores of pairs."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._session = open_session(weights.read(), weights.path)
        # the file holds both halves of the network; the half that is not used gets empty arrays
        shapes = {name: tuple(int(size) for size in shape[1:]) for name, shape in self._session.inputs.items()}
        self._empty = {name: np.zeros((0, *shape), np.float32) for name, shape in shapes.items()}

    def appearance(self, pictures: Sequence[Image], heights_px: Floats32) -> PlateAppearance:
        """Return the features of plates rectified with MARGIN around; `heights_px` are those before."""
        vectors, maps = [self._empty["vector_a"]], [self._empty["map_a"]]
        for start in range(0, len(pictures), AT_ONCE):
            blob = to_blob(pictures[start : start + AT_ONCE], self.weights.card.picture)
            asked = {**self._empty, "pictures": blob}
            batch_vectors, batch_maps = self._session.run_to_numbers(["vector", "map"], asked)
            vectors.append(batch_vectors)
            maps.append(batch_maps)
        sharp = np.array([sharpness(picture) for picture in pictures], np.float32)
        return PlateAppearance(np.concatenate(vectors), np.concatenate(maps).astype(np.float16), heights_px, sharp)

    def scores(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        """Return the network's score of each pair, first[i] with second[i]."""
        parts = [np.zeros(0, np.float32)]
        for start in range(0, len(first), PAIRS_AT_ONCE):
            block = slice(start, start + PAIRS_AT_ONCE)
            pairs = {
                "vector_a": first.vectors[block],
                "map_a": first.maps[block].astype(np.float32),
                "vector_b": second.vectors[block],
                "map_b": second.maps[block].astype(np.float32),
            }
            parts += self._session.run(["score"], {**self._empty, **pairs})
        return np.concatenate(parts).astype(np.float64)

    def calibration(self) -> "VerifierCalibration":
        """Return the calibration of the scores, which the file carries."""
        document = self._session.metadata.get(CALIBRATION)
        if document is None:
            raise SeeingError(f"{self.weights.path} does not say what its scores are worth: train it again")
        try:
            return from_document(json.loads(document))
        except (ValueError, KeyError, TypeError) as error:
            raise SeeingError(f"{self.weights.path} holds no calibration ({error}): train it again") from None


@dataclass(frozen=True, slots=True)
class VerifierCalibration:
    """The llr of the verifier's pair scores, and of the cosines of its vectors.

    `sharpness_weight` is how many doublings of height one unit of sharpness is worth.
    """

    pairs: Curves
    cosines: Curves
    sharpness_weight: float

    def quality(self, heights_px: Floats, sharpness: Floats) -> Floats:
        """Return how well pictures show their plates, in doublings of height."""
        return np.asarray(height_quality(heights_px) + self.sharpness_weight * sharpness, np.float64)


def sharpness(picture: Image) -> float:
    """Return how strongly brightness changes from pixel to pixel, relative to its contrast, on a logarithmic scale.

    The picture is a rectified plate; grain finer than a stroke is smoothed away first.
    """
    grey = cv2.GaussianBlur(picture.mean(axis=2, dtype=np.float32), (0, 0), 1.2)
    slope = float(np.square(np.diff(grey, axis=1)).mean())
    return 0.5 * float(np.log2((slope + 0.1) / (float(grey.var()) + 1.0)))


def height_px(corners: Corners) -> float:
    """Return the height of a plate in its picture."""
    return float(heights_px([corners])[0])


def heights_px(corners: Sequence[Corners]) -> Floats:
    """Return the heights of plates in their pictures."""
    return quad_sizes(np.array(corners, np.float32).reshape(-1, 4, 2))[:, 1]


def corners_of(quad: Quad) -> Corners:
    """Return the corners of a plate as plain values."""
    return tuple((float(x), float(y)) for x, y in quad)


def height_quality(heights_px: Floats) -> Floats:
    """Return heights in doublings; nothing can be seen below one pixel."""
    return np.asarray(np.log2(np.maximum(heights_px, 1.0)), np.float64)


def pair_quality(first: Floats, second: Floats) -> Floats:
    """Return the quality of pairs: the worse picture decides, the better one helps a little."""
    return np.asarray(0.75 * np.minimum(first, second) + 0.25 * np.maximum(first, second), np.float64)


def as_document(calibration: VerifierCalibration) -> dict[str, Any]:
    """Return the calibration as plain values for JSON."""
    return {
        "pairs": curves_document(calibration.pairs),
        "cosines": curves_document(calibration.cosines),
        "sharpness_weight": calibration.sharpness_weight,
    }


def from_document(document: Mapping[str, Any]) -> VerifierCalibration:
    """Return the calibration that `as_document` wrote; raise KeyError, TypeError or ValueError if it is none."""
    return VerifierCalibration(
        as_curves(document["pairs"]), as_curves(document["cosines"]), float(document["sharpness_weight"])
    )
