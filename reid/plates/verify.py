"""Compare plates that need not be readable: look at each once, weigh any pair."""

import json
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from reid.appearance.onnx_embedder import blob_of
from reid.errors import SeeingError
from reid.plates.calibration import Calibration, from_document, height_quality, pair_quality
from reid.plates.looks import Floats, PlateLooks, height_px
from reid.plates.rectify import MARGIN, rectified
from reid.plates.session import open_network
from reid.vehicle import Corners, Image
from reid.weights import Weights, list_weights

TASK = "plate verifier"
CALIBRATION = "calibration"
"""Under this name the file says as JSON what its scores are worth, so that one never goes without the other."""

AT_ONCE = 32
PAIRS_AT_ONCE = 256


class SiameseNetwork:
    """Run the network: looks of plates, scores of pairs, which are no ratios yet."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._session = open_network(weights)
        shapes = {port.name: port.shape[1:] for port in self._session.get_inputs()}
        # the file holds both halves of the network; the half that is not asked for gets nothing to do
        self._nothing = {name: np.zeros((0, *shape), np.float32) for name, shape in shapes.items()}

    def look(self, pictures: Sequence[Image], heights_px: npt.NDArray[np.float32]) -> PlateLooks:
        """Return the looks of plates that are laid flat with MARGIN around; heights are those before."""
        vectors, maps = [self._nothing["vector_a"]], [self._nothing["map_a"]]
        for start in range(0, len(pictures), AT_ONCE):
            blob = blob_of(pictures[start : start + AT_ONCE], self.weights.card.picture)
            vector, seen = self._session.run(["vector", "map"], {**self._nothing, "pictures": blob})
            vectors.append(vector)
            maps.append(seen)
        sharp = np.array([sharpness(picture) for picture in pictures], np.float32)
        return PlateLooks(np.concatenate(vectors), np.concatenate(maps).astype(np.float16), heights_px, sharp)

    def scores(self, first: PlateLooks, second: PlateLooks) -> Floats:
        """Return what the network makes of each pair, first[i] with second[i]."""
        parts = [np.zeros(0, np.float32)]
        for start in range(0, len(first), PAIRS_AT_ONCE):
            block = slice(start, start + PAIRS_AT_ONCE)
            feed = {
                "vector_a": first.vectors[block],
                "map_a": first.maps[block].astype(np.float32),
                "vector_b": second.vectors[block],
                "map_b": second.maps[block].astype(np.float32),
            }
            parts += self._session.run(["score"], {**self._nothing, **feed})
        return np.concatenate(parts).astype(np.float64)

    def calibration(self) -> Calibration:
        """Return what the file says its scores are worth."""
        told = self._session.get_modelmeta().custom_metadata_map.get(CALIBRATION)
        if told is None:
            raise SeeingError(f"{self.weights.path} does not say what its scores are worth: train it again")
        try:
            return from_document(json.loads(told))
        except (ValueError, KeyError, TypeError) as error:
            raise SeeingError(f"{self.weights.path} holds no calibration ({error}): train it again") from None


class PlateVerifier:
    """Compare plates by their looks; what a score is worth hangs on how well both are seen."""

    def __init__(self, weights: Weights) -> None:
        self.model_id = weights.model_id
        self._size_px = weights.card.picture.width_px, weights.card.picture.height_px
        self._network = SiameseNetwork(weights)
        self._calibration = self._network.calibration()

    def look(self, plates: Sequence[tuple[Image, Corners]]) -> PlateLooks:
        """Return the looks of plates, each given by a picture and where its corners are in it."""
        flat = [rectified(image, np.array(corners, np.float32), *self._size_px, MARGIN) for image, corners in plates]
        heights = np.array([height_px(corners) for _, corners in plates], np.float32)
        return self._network.look(flat, heights)

    def llr(self, first: PlateLooks, second: PlateLooks) -> Floats:
        """Return the natural log-likelihood ratio of each pair, the same plate against another."""
        known = self._calibration
        sides = [known.quality(side.heights_px.astype(float), side.sharpness.astype(float)) for side in (first, second)]
        return known.pairs.at(self._network.scores(first, second), pair_quality(*sides))

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        """Return the ratio of pairs of which only the inner product of the vectors and the heights are known."""
        quality = pair_quality(height_quality(first_px), height_quality(second_px))
        return self._calibration.cosines.at(cosines, np.broadcast_to(quality, cosines.shape))


@cache
def installed_verifier() -> PlateVerifier | None:
    """Return the verifier that is packaged or was added, None where there is none."""
    found = [weights for weights in list_weights() if weights.card.task == TASK]
    return PlateVerifier(found[0]) if found else None


def sharpness(picture: Image) -> float:
    """Return how strongly brightness changes from pixel to pixel, for its contrast: the larger, the sharper.

    The picture is a plate laid flat; grain finer than a stroke is smoothed away first. The scale is logarithmic.
    """
    grey = cv2.GaussianBlur(picture.mean(axis=2, dtype=np.float32), (0, 0), 1.2)
    slope = float(np.square(np.diff(grey, axis=1)).mean())
    return 0.5 * float(np.log2((slope + 0.1) / (float(grey.var()) + 1.0)))
