"""Measure the plate locator on held-out rendered traffic, against text detection by rapidocr.

`python -m benchmarks.locate` renders the traffic; every crop is a vehicle as a detector cuts it out. The peer has an
easier task: a plate counts as found if any stretch of text fits it.
"""

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from benchmarks.claim import say
from reid.evaluation.plate_location import (
    LEAST_PX,
    PlateTraffic,
    VehicleCrop,
    photographs,
    read_photograph,
    score_location,
    vehicle_crops,
)
from reid.plates.locate import Located, box_iou, packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.rapid import rapid_spelling
from reid.plates.read import line_picture, read_at, read_plates, spell
from reid.plates.verify import installed_verifier
from reid.vehicle import Image

PUBLISHED = PlateTraffic(seed=12_061, cameras=16, frames=10)
STREETS = PlateTraffic(seed=12_063, cameras=12, frames=10, narrow_share=0.6)
BINS_PX = (1, 5, 8, 14, 100)
READABLE_PX = 8
QUICK = 3
"""Without --full only every third crop is judged, because the peer takes half a second for one."""

MOST = 0.5
"""More than this share must be right for a speed figure to count."""

ASPECTS = (1.2, 9.0)
SEARCH_PX = 384


@dataclass(frozen=True, slots=True)
class Answers:
    """The plates that one locator finds in each crop, and its processor time per crop."""

    found: list[list[Located]]
    ms: float


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="judge every crop, not every third")
    say_all(full=parser.parse_args().full)


def say_all(*, full: bool = False) -> None:
    """Render the traffic, locate plates by both, and print every claim."""
    cv2.setNumThreads(1)
    crops = list(vehicle_crops(PUBLISHED))
    if not full:
        crops = crops[::QUICK]
    ours, peer = _answers(crops, packaged_locator().locate), _answers(crops, TextDetector().locate)
    for low, high in pairwise(BINS_PX):
        _say_located(crops, ours, peer, low, high)
    _say_without_plate(crops, ours, peer)
    _say_passages([crop.image for crop in crops if crop.plate_height_px >= READABLE_PX])
    _say_photographs()
    say(
        f"processor time for one vehicle crop, {len(crops)} crops, 1 thread",
        value=ours.ms,
        unit="ms",
        peer="rapidocr text detection at 384 px",
        peer_value=peer.ms,
        less_is_better=True,
        correct=_found_share(crops, ours) > MOST,
    )


class TextDetector:
    """Finds stretches of text by rapidocr."""

    def __init__(self) -> None:
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
        self._engine: Any = RapidOCR(params={"Global.log_level": "error", "Det.limit_side_len": 512, **threads})

    def locate(self, image: Image) -> list[Located]:
        """Return the stretches of text with a plate's shape."""
        scale = SEARCH_PX / image.shape[1]
        size = (SEARCH_PX, max(16, round(image.shape[0] * scale)))
        enlarged = cv2.resize(image[..., ::-1], size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
        found = self._engine(enlarged, use_det=True, use_cls=False, use_rec=False)
        quads = (
            [] if found.boxes is None else [np.asarray(quad, np.float32) / np.float32(scale) for quad in found.boxes]
        )
        return [Located(quad, 1.0) for quad in quads if _has_plate_shape(quad)]


def _answers(crops: Sequence[VehicleCrop], locate: Callable[[Image], list[Located]]) -> Answers:
    locate(crops[0].image)
    began = time.process_time()
    found = [locate(crop.image) for crop in crops]
    return Answers(found, 1000 * (time.process_time() - began) / len(crops))


def _say_located(crops: Sequence[VehicleCrop], ours: Answers, peer: Answers, low: int, high: int) -> None:
    rows = [row for row, crop in enumerate(crops) if low <= crop.plate_height_px < high]
    if not rows:
        return
    verdicts = [score_location(crops[row], ours.found[row]) for row in rows]
    for name, value, theirs in (
        ("corners within a quarter of its height", _share([bool(one and one.near) for one in verdicts]), _near),
        ("box at IoU 0.7", _share([bool(one and one.overlaps) for one in verdicts]), _overlapping),
    ):
        say(
            f"plates {low} to {high} px high located, {name}, {len(rows)} unseen rendered vehicles",
            value=value,
            unit="share",
            peer="rapidocr text detection, any stretch that fits",
            peer_value=_share([theirs(crops[row], peer.found[row]) for row in rows]),
            less_is_better=False,
            correct=value > MOST,
        )


def _found_share(crops: Sequence[VehicleCrop], answers: Answers) -> float:
    """Return the share of readable plates that are found at all."""
    readable = [row for row, crop in enumerate(crops) if crop.plate_height_px >= READABLE_PX]
    return _share([bool(answers.found[row]) for row in readable])


def _say_without_plate(crops: Sequence[VehicleCrop], ours: Answers, peer: Answers) -> None:
    rows = [row for row, crop in enumerate(crops) if crop.corners is None]
    say(
        f"{len(rows)} rendered vehicles without a visible plate left alone",
        value=_share([not ours.found[row] for row in rows]),
        unit="share",
        peer="rapidocr text detection, stretches of a plate's shape",
        peer_value=_share([not peer.found[row] for row in rows]),
        less_is_better=False,
        correct=_found_share(crops, ours) > MOST,
    )


def _say_passages(pictures: Sequence[Image]) -> None:
    verifier, finder, located = installed_verifier(), TextDetector(), 0
    if verifier is None:
        return

    def ours(image: Image) -> None:
        nonlocal located
        passage = [image, image[1:, 1:]]
        reading = passage_plate(passage, packaged_locator(), spell)
        if reading is not None:
            located += 1
            verifier.appearance(
                [(picture, quad) for picture, quad in zip(passage, reading.corners, strict=True) if quad]
            )

    def peer(image: Image) -> None:
        for quad in (found.corners for found in finder.locate(image)):
            rapid_spelling(line_picture(image, quad))

    say(
        f"processor time to locate, read and embed the plate of a passage of two pictures, {len(pictures)} passages",
        value=_mean_ms(ours, pictures),
        unit="ms",
        peer="rapidocr, one picture, without embedding",
        peer_value=_mean_ms(peer, pictures),
        less_is_better=True,
        correct=located > MOST * len(pictures),
    )


def _mean_ms(action: Callable[[Image], None], pictures: Sequence[Image]) -> float:
    action(pictures[0])
    began = time.process_time()
    for picture in pictures:
        action(picture)
    return 1000 * (time.process_time() - began) / len(pictures)


def _say_photographs() -> None:
    read = [one for shown in photographs(STREETS) for one in read_photograph(shown, read_plates, read_at)]
    value = _share([one.from_whole for one in read])
    say(
        f"plates of {LEAST_PX:.0f} px and more read exactly from whole photographs, {len(read)} plates",
        value=value,
        unit="share",
        peer="the same reader with the true corners",
        peer_value=_share([one.from_corners for one in read]),
        less_is_better=False,
        correct=value > MOST,
    )


def _near(crop: VehicleCrop, found: Sequence[Located]) -> bool:
    return any((one := score_location(crop, [each])) is not None and one.near for each in found)


def _overlapping(crop: VehicleCrop, found: Sequence[Located]) -> bool:
    return crop.corners is not None and any(box_iou(each.corners, crop.corners) > 0.7 for each in found)


def _has_plate_shape(quad: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bool:
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return bool(ASPECTS[0] <= (sides[0] + sides[2]) / max(sides[1] + sides[3], 1.0) <= ASPECTS[1])


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


if __name__ == "__main__":
    main()
