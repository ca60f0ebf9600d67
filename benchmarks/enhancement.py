"""Measure whether recognition in pictures of dark streets improves when they are enhanced first.

    python -m benchmarks.enhancement

Two rendered streets at night and at dusk, with seeds unseen in training; two cameras film each vehicle.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.claim import say
from reid import boxes
from reid.appearance.embedders import Embedder, make_embedder
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
class FilmedVehicle:
    """A frame, the empty scene, and the vehicle's number, plate text and box."""

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
    """Return the picture with its dark parts lifted, more so in a darker picture."""
    middle = float(np.clip(np.median(image) / 255.0, 0.02, 0.45))
    table = 255.0 * (np.arange(256) / 255.0) ** (np.log(0.45) / np.log(middle))
    return np.asarray(cv2.LUT(image, table.astype(np.uint8)), dtype=np.uint8)


def evened(image: Image) -> Image:
    """Return the picture with its local contrast equalised (CLAHE), its colours kept."""
    light, *colours = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2LAB))
    spread = cv2.createCLAHE(2.0, (8, 8)).apply(light)
    return np.asarray(cv2.cvtColor(cv2.merge([spread, *colours]), cv2.COLOR_LAB2RGB), dtype=np.uint8)


def denoised(image: Image) -> Image:
    """Return the picture with its noise smoothed and its edges kept."""
    return np.asarray(cv2.bilateralFilter(image, 5, 30, 3), dtype=np.uint8)


def sharpened(image: Image) -> Image:
    """Return the picture with its fine detail amplified."""
    return np.asarray(cv2.addWeighted(image, 1.8, cv2.GaussianBlur(image, (0, 0), 1.5), -0.8, 0), dtype=np.uint8)


ENHANCEMENTS: Mapping[str, Enhance] = {
    "gamma": brightened,
    "CLAHE": evened,
    "bilateral filter": denoised,
    "unsharp mask": sharpened,
}


def main() -> None:
    """Print one line for each light, figure and enhancement."""
    for weather in WEATHERS:
        filmed = [vehicle for seed in SEEDS for vehicle in _filmed(seed, weather)]
        before = _figures(filmed, plain)
        for name, enhance in ENHANCEMENTS.items():
            _say(weather, name, _figures(filmed, enhance), before, len(filmed))


def _filmed(seed: int, weather: str) -> Iterator[FilmedVehicle]:
    """Yield each vehicle in front of two cameras, one camera after the other."""
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
                    yield FilmedVehicle(frame.image, empty, seed + number, vehicle.plate.text, seen.box, height_px)


def _figures(filmed: Sequence[FilmedVehicle], enhance: Enhance) -> dict[str, float]:
    detector, embedder = _EnhancedDetector(enhance), make_embedder("appearance")
    crops = [crop(enhance(vehicle.frame), vehicle.box) for vehicle in filmed]
    with_plate = [number for number, vehicle in enumerate(filmed) if vehicle.plate_height_px >= LEAST_PLATE_PX]
    read = [_text(crops[number]) == filmed[number].text for number in with_plate]
    return {
        "vehicles found": float(np.mean([detector.finds(vehicle) for vehicle in filmed])),
        f"plates of {LEAST_PLATE_PX:.0f} px and more read ({len(with_plate)})": float(np.mean(read)) if read else 0.0,
        "mean average precision of looks": _mean_precision(filmed, crops, embedder),
    }


class _EnhancedDetector:
    """Detects in enhanced frames, after learning the enhanced empty scene."""

    def __init__(self, enhance: Enhance) -> None:
        self._enhance = enhance

    def finds(self, vehicle: FilmedVehicle) -> bool:
        """Return whether a certain box finds the vehicle."""
        detector = LearnedDetector()
        for number, empty in enumerate(vehicle.empty):
            detector.learn(self._enhance(empty), 2.0 * number)
        found = [
            one.box
            for one in detector.detect(self._enhance(vehicle.frame), 20.0)
            if one.score >= detector.certain_score
        ]
        return bool(boxes.iou(boxes.to_array([vehicle.box]), boxes.to_array(found)).max(initial=0.0) >= OVERLAP)


def _text(picture: Image) -> str | None:
    reading = passage_plate([picture], packaged_locator(), spell)
    return None if reading is None else reading.plate.text


def _mean_precision(filmed: Sequence[FilmedVehicle], crops: Sequence[Image], embedder: Embedder) -> float:
    """Return the mean average precision with each picture as a query for the others of its vehicle."""
    vectors = embedder.embed(crops)
    vehicles = np.array([vehicle.vehicle for vehicle in filmed])
    found = []
    for number, vehicle in enumerate(vehicles):
        others = np.flatnonzero(np.arange(len(filmed)) != number)
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
