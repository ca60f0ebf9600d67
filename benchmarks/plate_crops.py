"""Read real pictures of plates before and after the grammar of their formats, beside rapidocr.

`python -m benchmarks.plate_crops FOLDER... [--half judge] [--region CN]` takes folders of crops with a `texts.csv` of
file and text. Half of the plates, by the SHA-256 of the text, were looked at while the grammar was made ("develop");
the others judge it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.claim import machine
from reid.evaluation.intervals import Figure, figure
from reid.evaluation.plate_reading import ReadingResult, score_readings
from reid.images import read_image
from reid.plates.formats import region_prior
from reid.plates.grammar import grammatical
from reid.plates.rapid import rapid_spelling
from reid.plates.read import line_picture, read_crop
from reid.plates.spelling import Spelling
from reid.training.plates.real_crops import HALVES, TextCrop, labelled_crops


def main() -> None:
    """Print a row for each folder and way of reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--half", choices=("all", *HALVES), default=HALVES[1])
    parser.add_argument("--region", help="where the plates are from, if that is to be known")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"half: {arguments.half}; region: {arguments.region or 'not stated'}; one thread, {machine()}\n")
    print("| plates | reading | n | exact | of confidence 0.9 and more: n, right | gain by the grammar |")
    print("|---" * 6 + "|")
    for folder in arguments.folders:
        crops = [crop for crop in labelled_crops(folder) if arguments.half in ("all", crop.half)]
        for row in _rows(folder.name, crops, arguments.region):
            print(row, flush=True)


def _rows(name: str, crops: Sequence[TextCrop], region: str | None) -> Iterator[str]:
    read = [read_crop(read_image(crop.path)) for crop in crops]
    known = [grammatical(spelling, region_prior(region)) for spelling in read]
    before, after, rapid = (_results(crops, spellings) for spellings in (read, known, [_by_rapid(c) for c in crops]))
    gains = np.array([float(new.exact) - float(old.exact) for old, new in zip(before, after, strict=True)])
    gain = figure([crop.text for crop in crops], lambda drawn: float(gains[drawn].mean()))
    yield _row(name, "rapidocr", rapid, "")
    yield _row(name, "before", before, "")
    yield _row(name, "with grammar", after, f"{_cell(gain, '+')}; {(gains > 0).sum()} won, {(gains < 0).sum()} lost")


def _by_rapid(crop: TextCrop) -> Spelling:
    image = read_image(crop.path)
    height, width = image.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return rapid_spelling(line_picture(image, whole))


def _results(crops: Sequence[TextCrop], spellings: Sequence[Spelling]) -> list[ReadingResult]:
    return [ReadingResult(crop.text, spelling, crop.text) for crop, spelling in zip(crops, spellings, strict=True)]


def _row(name: str, reading: str, results: Sequence[ReadingResult], gain: str) -> str:
    score = score_readings(results)
    sure = f"{score.sure_count}, {_cell(score.sure)}"
    return f"| {name} | {reading} | {score.count} | {_cell(score.exact)} | {sure} | {gain} |"


def _cell(found: Figure, sign: str = "") -> str:
    if found.value is None or found.low is None or found.high is None:
        return "-"
    return f"{found.value:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]"


if __name__ == "__main__":
    main()
