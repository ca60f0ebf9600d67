"""Measure whether pictures of dark streets are better seen when they are brightened or cleaned first.

    python -m benchmarks.enhancement

Two rendered streets at night and at dusk, of seeds that nothing was trained on; two cameras film each vehicle.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.claim import say
from reid import boxes
from reid.appearance.embedder import Embedder
from reid.appearance.installed import make_embedder
from reid.detect.learned import LearnedDetector
from reid.evaluation.metrics import average_precision
from reid.images import crop
from reid.plates.locate import packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.read import spell
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.vehicle import Box, Image

WEATHERS = ("night", "dusk")
SEEDS = (6101, 6102)
VEHICLES = 12
LEAST_HEIGHT_PX, LEAST_VISIBLE, LEAST_PLATE_PX = 32, 0.5, 12.0
OVERLAP = 0.5
EMPTY_FRAMES = 3

Enhance = Callable[[Image], Image]


@dataclass(frozen=True, slots=True)
class Sight:
    """A frame, the scene without the vehicle, the vehicle's number and text, and where it is."""

    frame: Image
    empty: tuple[Image, ...]
    vehicle: int
    text: str
    box: Box
    plate_height_px: float


def plain(image: Image) -> Image:
    """Return the picture as it is."""
    return image


def brightened(image: Image) -> Image:
    """Return the picture with its dark parts lifted, the more the darker it is as a whole."""
    middle = float(np.clip(np.median(image) / 255.0, 0.02, 0.45))
    table = 255.0 * (np.arange(256) / 255.0) ** (np.log(0.45) / np.log(middle))
    return np.asarray(cv2.LUT(image, table.astype(np.uint8)), dtype=np.uint8)


def evened(image: Image) -> Image:
    """Return the picture with its contrast spread in each neighbourhood (CLAHE), its colours kept."""
    light, *colours = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2LAB))
    spread = cv2.createCLAHE(2.0, (8, 8)).apply(light)
    return np.asarray(cv2.cvtColor(cv2.merge([spread, *colours]), cv2.COLOR_LAB2RGB), dtype=np.uint8)


def denoised(image: Image) -> Image:
    """Return the picture with its noise smoothed and its edges kept."""
    return np.asarray(cv2.bilateralFilter(image, 5, 30, 3), dtype=np.uint8)


def sharpened(image: Image) -> Image:
    """Return the picture with what is finer than two pixels made stronger."""
    return np.asarray(cv2.addWeighted(image, 1.8, cv2.GaussianBlur(image, (0, 0), 1.5), -0.8, 0), dtype=np.uint8)


WAYS: Mapping[str, Enhance] = {
    "gamma": brightened,
    "CLAHE": evened,
    "bilateral filter": denoised,
    "unsharp mask": sharpened,
}


def main() -> None:
    """Print one line a light, a figure and a way."""
    for weather in WEATHERS:
        sights = [sight for seed in SEEDS for sight in _sights(seed, weather)]
        before = _figures(sights, plain)
        for name, enhance in WAYS.items():
            _say(weather, name, _figures(sights, enhance), before, len(sights))


def _sights(seed: int, weather: str) -> Iterator[Sight]:
    """Yield each vehicle before two cameras, one after the other."""
    for camera in range(2):
        site = make_site(100 * seed + camera, SiteOptions(weather=weather, kind="plate", parked=0))
        renderer = FrameRenderer(site)
        empty = tuple(renderer.frame([], 2.0 * number).image for number in range(EMPTY_FRAMES))
        for number in range(VEHICLES):
            vehicle = make_vehicle(seed + number, make_model(seed + number), marks=())
            frame = renderer.frame([Placement(vehicle, (1, -1)[camera], 2.0 * (number % 5) - 4.0)], 20.0 + number)
            for seen in frame.boxes:
                if seen.index == 0 and seen.box.height >= LEAST_HEIGHT_PX and seen.visible >= LEAST_VISIBLE:
                    height_px = seen.plate_height_px or 0.0
                    yield Sight(frame.image, empty, seed + number, vehicle.plate.text, seen.box, height_px)


def _figures(sights: Sequence[Sight], enhance: Enhance) -> dict[str, float]:
    detector, embedder = _Found(enhance), make_embedder("appearance")
    crops = [crop(enhance(sight.frame), sight.box) for sight in sights]
    large = [number for number, sight in enumerate(sights) if sight.plate_height_px >= LEAST_PLATE_PX]
    read = [_text(crops[number]) == sights[number].text for number in large]
    return {
        "vehicles found": float(np.mean([detector.finds(sight) for sight in sights])),
        f"plates of {LEAST_PLATE_PX:.0f} px and more read ({len(large)})": float(np.mean(read)) if read else 0.0,
        "mean average precision of looks": _looks(sights, crops, embedder),
    }


class _Found:
    """Detect in enhanced frames, the empty scene enhanced too."""

    def __init__(self, enhance: Enhance) -> None:
        self._enhance = enhance

    def finds(self, sight: Sight) -> bool:
        """Say whether the vehicle is found by a box that is certain."""
        detector = LearnedDetector()
        for number, empty in enumerate(sight.empty):
            detector.learn(self._enhance(empty), 2.0 * number)
        found = [
            one.box for one in detector.detect(self._enhance(sight.frame), 20.0) if one.score >= detector.certain_score
        ]
        return bool(boxes.iou(boxes.to_array([sight.box]), boxes.to_array(found)).max(initial=0.0) >= OVERLAP)


def _text(picture: Image) -> str | None:
    seen = passage_plate([picture], packaged_locator(), spell)
    return None if seen is None else seen.plate.text


def _looks(sights: Sequence[Sight], crops: Sequence[Image], embedder: Embedder) -> float:
    """Return the mean average precision of asking with each picture for the others of its vehicle."""
    vectors = embedder.embed(crops)
    vehicles = np.array([sight.vehicle for sight in sights])
    found = []
    for number, vehicle in enumerate(vehicles):
        others = np.flatnonzero(np.arange(len(sights)) != number)
        right = vehicles[others[np.argsort(-vectors[others] @ vectors[number], kind="stable")]] == vehicle
        if right.any():
            found.append(average_precision(right, int(right.sum())))
    return float(np.mean(found))


def _say(weather: str, name: str, figures: Mapping[str, float], before: Mapping[str, float], count: int) -> None:
    for claim, value in figures.items():
        say(
            f"{claim} at {weather}, {name} first, {count} vehicles",
            value=value,
            unit="share",
            peer="the picture as it is",
            peer_value=before[claim],
            less_is_better=False,
        )


if __name__ == "__main__":
    main()
