"""Make sightings whose pictures show patterned plates, and a verifier that compares these patterns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.records import NewShot, NewSighting
from reid.arrays import Floats
from reid.images import encode_jpeg
from reid.plates.rectify import rectified
from reid.plates.verify import PlateAppearance, height_px
from reid.vehicle import Corners, Image, Plate
from tests.index.conftest import make_sighting

CORNERS: Corners = ((30.0, 60.0), (90.0, 60.0), (90.0, 80.0), (30.0, 80.0))
WIDTH_PX, HEIGHT_PX = 12, 4


@dataclass(frozen=True, slots=True)
class PatternVerifier:
    """Vectors and maps are the plate's pixels, levelled; ratios rise with their likeness."""

    model_id: str = "patterns-1"

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        flat = [rectified(image, np.array(corners, np.float32), WIDTH_PX, HEIGHT_PX) for image, corners in plates]
        pixels = np.array([one.mean(axis=2).ravel() for one in flat], np.float32).reshape(len(flat), -1)
        levelled = pixels - pixels.mean(axis=1, keepdims=True)
        vectors = (levelled / np.linalg.norm(levelled, axis=1, keepdims=True)).astype(np.float32)
        heights = np.array([height_px(corners) for _, corners in plates], np.float32)
        return PlateAppearance(vectors, vectors.astype(np.float16), heights, np.zeros(len(plates), np.float32))

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        alike = (first.maps.astype(np.float64) * second.maps.astype(np.float64)).sum(axis=1)
        return np.asarray(12 * (alike - 0.5))

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        llrs = self.llr(first, second)
        return llrs, llrs

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return np.asarray(6 * (cosines - 0.5))


def picture(pattern: int | None, *, noise: int = 0) -> Image:
    """Return a grey vehicle with the plate of a number, a little different in every picture; none without one."""
    image = np.full((100, 120, 3), 120, np.uint8)
    if pattern is not None:
        cells = np.random.default_rng(pattern).integers(0, 2, (4, 12)) * 200 + 25
        image[60:80, 30:90] = np.kron(cells, np.ones((5, 5)))[..., None].astype(np.uint8)
    grain = np.random.default_rng([noise, 1]).integers(-12, 12, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def plated(
    number: int, pattern: int | None, *, camera: str | None = None, text: str | None = None, embedded: bool = True
) -> NewSighting:
    """Return the sighting of a number with the plate of another, which cannot be read unless a text is given."""
    new = make_sighting(number, camera=camera, text=text, shots=2)
    corners = None if pattern is None else CORNERS
    pictures = [picture(pattern, noise=10 * number + n) for n in range(2)]
    shots = tuple(
        NewShot(shot.time, shot.frame, shot.box, encode_jpeg(image), shot.sharpness, corners)
        for shot, image in zip(new.shots, pictures, strict=True)
    )
    verifier = PatternVerifier()
    seen = (
        {}
        if corners is None
        else {verifier.model_id: verifier.appearance([(one, CORNERS) for one in pictures]).vectors}
    )
    plate = Plate(new.box, CORNERS, text, 0.9 if text else 0.0, tuple({character: 0.98} for character in text or ""))
    return replace(
        new,
        shots=shots,
        plate=plate if pattern is not None else None,
        plate_model="reader-1" if pattern is not None else None,
        plate_vectors=seen if embedded else {},
    )
