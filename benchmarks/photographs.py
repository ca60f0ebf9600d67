"""Measure the vehicles offered in photographs: plates that lie in one, and boxes in streets without traffic.

`python -m benchmarks.photographs [--plates FOLDER] [--empty PICTURE...]`: FOLDER holds `frames/` and `boxes.json` with
the hand-drawn plates of each, (class, left, top, right, bottom). What is offered in an empty street is a phantom, or
a parked vehicle that is left in it. Each is counted by today's rule and by the one before it.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.claim import machine
from reid import boxes
from reid.detect import detectors
from reid.images import read_image, stay_on_one_thread
from reid.vehicle import Image

INSIDE = 0.7
"""A plate belongs to the vehicle in which this share of it lies."""

RULES = {"every score from 0.3": (0.0, 0.0), "now": (detectors.BESIDE, detectors.AT_EDGE)}


def main() -> None:
    """Print the counts of both rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plates", type=Path)
    parser.add_argument("--empty", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    stay_on_one_thread()
    for rule, (beside, at_edge) in RULES.items():
        with patch.multiple(detectors, BESIDE=beside, AT_EDGE=at_edge):
            counts = plates_offered(arguments.plates) if arguments.plates else Counter[str]()
            counts.update(boxes_offered(arguments.empty))
        print(json.dumps({"rule": rule, **counts, "machine": machine()}), flush=True)


def plates_offered(folder: Path) -> Counter[str]:
    """Count plates, those in an offered vehicle, and vehicles: each second photograph; the rule saw the others."""
    counts: Counter[str] = Counter()
    drawn_in = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    for name, drawn in list(drawn_in.items())[1::2]:
        plates = np.array([row[1:5] for row in drawn], dtype=np.float64).reshape(-1, 4)
        counts.update(_count(read_image(folder / "frames" / name), plates))
    return counts


def boxes_offered(pictures: Sequence[Path]) -> Counter[str]:
    """Count the boxes offered in pictures of streets without traffic."""
    counts: Counter[str] = Counter()
    for path in pictures:
        counts.update(empty_pictures=1, boxes_in_empty=len(detectors.vehicles_in_photograph(read_image(path))))
    return counts


def _count(image: Image, plates: boxes.Boxes) -> dict[str, int]:
    offered = boxes.to_array([vehicle.box for vehicle in detectors.vehicles_in_photograph(image)])
    inside = boxes.shares_inside(plates, offered) >= INSIDE
    return {"photographs": 1, "offered": len(offered), "plates": len(plates), "plates_inside": int(inside.any(1).sum())}


if __name__ == "__main__":
    main()
