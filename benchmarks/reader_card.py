"""Print the figures of the plate reader's card: ours, rapidocr, and both, on unseen plates.

`python -m benchmarks.reader_card [--plates N] [--plot PNG] [--faces] [--other FILE]`: `--plot` draws how often
confidences are right; `--faces` adds generated plates in installed typefaces, and in shapes of our own strokes, that
training leaves out; `--other` is the Python file of another generator of plates, with `KINDS`, `Plate(random, kind)`,
its `text` and `view(random, height_px, severity)`.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from reid.evaluation.calibration import reliability_diagram
from reid.evaluation.intervals import Figure
from reid.evaluation.plate_reading import ReadingResult, ReadingScore, draw_plate_views, score_readings
from reid.plates.rapid import rapid_spelling
from reid.plates.read import line_picture, spell, with_second_reader
from reid.plates.rectify import Quad
from reid.plates.spelling import Spelling, plain
from reid.training.plates.reader_samples import DrawFaces, draw_unseen_fonts, draw_unseen_shapes
from reid.vehicle import Image

LEVELS = ((40, 0), (24, 1), (20, 1), (16, 1), (12, 1), (12, 2))
"""Height in pixels and severity, as in the figures of the verifier."""

SEED = 40_000
_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class PlateCrop:
    """A picture with a plate at `corners`, and the plate's text."""

    image: Image
    corners: Quad
    text: str
    plate: str
    kind: str = ""


Reading = Callable[[PlateCrop], Spelling]


def main() -> None:
    """Print a table for each generator and level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plates", type=int, default=300)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--faces", action="store_true")
    parser.add_argument("--other", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print("| plates | height, severity | reader | n | exact | given | sure: n, right | calibration error | CPU ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    readings = _report_all("ours", partial(_drawn, options.plates), _by_corners())
    if options.plot is not None:
        _plot(readings, options.plot)
    if options.faces:
        for name, draw in (("unseen faces", draw_unseen_fonts), ("unseen shapes", draw_unseen_shapes)):
            _report_all(name, partial(_faced, draw, options.plates), _by_corners())
    if options.other is not None:
        _report_all("other", partial(_other, _load(options.other), options.plates), _by_crop())


def _report_all(
    name: str, draw: Callable[[float, int], Iterator[PlateCrop]], readings: dict[str, Reading]
) -> list[ReadingResult]:
    """Print the rows of one generator, at the first level also by kind of plate; return our own readings."""
    ours: list[ReadingResult] = []
    for height_px, severity in LEVELS:
        crops = list(draw(height_px, severity))
        ours += _report(name, height_px, severity, crops, readings)
        if (height_px, severity) == LEVELS[0]:
            for kind in sorted({crop.kind for crop in crops} - {""}):
                _report(f"{name}: {kind}", height_px, severity, [one for one in crops if one.kind == kind], readings)
    return ours


def _by_corners() -> dict[str, Reading]:
    """Return the readers for plates with known corners."""
    return {
        "ours": lambda crop: spell(crop.image, [crop.corners])[0],
        "rapidocr": lambda crop: rapid_spelling(line_picture(crop.image, crop.corners)),
        "both": lambda crop: with_second_reader(crop.image, crop.corners, spell(crop.image, [crop.corners])[0]),
    }


def _by_crop() -> dict[str, Reading]:
    """Return the readers for loose crops without known corners."""

    def ours(crop: PlateCrop) -> Spelling:
        return spell(crop.image, [crop.corners], margin=0.0)[0]

    return {
        "ours": ours,
        "rapidocr": lambda crop: rapid_spelling(crop.image),
        "both": lambda crop: with_second_reader(crop.image, crop.corners, ours(crop)),
    }


def _report(
    name: str, height_px: int, severity: int, crops: Sequence[PlateCrop], readings: dict[str, Reading]
) -> list[ReadingResult]:
    """Print a row for each reader; return our own readings."""
    ours: list[ReadingResult] = []
    for reader, read in readings.items():
        for crop in crops[:_WARM_UP]:
            read(crop)
        began = time.process_time()
        read_all = [ReadingResult(crop.text, read(crop), crop.plate) for crop in crops]
        ours = ours or read_all
        each_ms = 1000 * (time.process_time() - began) / max(1, len(crops))
        cells = _cells(score_readings(read_all))
        print(f"| {name} | {height_px} px, {severity} | {reader} | {cells} | {each_ms:.1f} |", flush=True)
    return ours


def _plot(readings: Sequence[ReadingResult], path: Path) -> None:
    """Draw the confidence of given texts against the share that is right."""
    given = [one for one in readings if one.spelling.readable]
    confidences = np.array([one.spelling.confidence for one in given])
    picture = reliability_diagram(
        confidences, np.array([one.exact for one in given]), "reader: the whole text is right"
    )
    cv2.imwrite(str(path), picture[..., ::-1])


def _cells(score: ReadingScore) -> str:
    sure = f"{score.sure_count}, {_value(score.sure)}"
    return f"{score.count} | {_value(score.exact)} | {_value(score.given)} | {sure} | {_value(score.calibration)}"


def _value(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "-"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _drawn(count: int, height_px: float, severity: int) -> Iterator[PlateCrop]:
    for shown in draw_plate_views(count, height_px, severity, seed=SEED):
        yield PlateCrop(shown.view.image, shown.view.corners, shown.text, shown.plate)


def _faced(draw: DrawFaces, count: int, height_px: float, severity: int) -> Iterator[PlateCrop]:
    for number, shown in enumerate(draw(count, height_px, severity, seed=SEED)):
        yield PlateCrop(shown.image, shown.corners, shown.text, f"face-{number}", shown.family)


def _other(other: Any, count: int, height_px: float, severity: int) -> Iterator[PlateCrop]:
    """Yield loose crops of another generator, equally many of every kind."""
    drawn = random.Random(SEED + round(height_px))
    np.random.seed(round(height_px))
    for number in range(count):
        kind = other.KINDS[number % len(other.KINDS)]
        plate = other.Plate(drawn, kind)
        image = np.ascontiguousarray(plate.view(drawn, height_px, severity))
        height, width = image.shape[:2]
        whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        yield PlateCrop(image, whole, plain(plate.text), f"other-{number}", kind)


def _load(path: Path) -> Any:
    spec = spec_from_file_location("other_plates", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
