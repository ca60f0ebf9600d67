"""Find and read any text in a picture, line by line, with rapidocr."""

from dataclasses import dataclass

import numpy as np

from reid import boxes
from reid.plates.rapid import as_bgr, engine
from reid.vehicle import Box, Image


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, and where it stands."""

    box: Box
    text: str


def find_text(image: Image) -> list[TextLine]:
    """Return the lines of text of a picture, from its top left."""
    told = engine()(as_bgr(image), use_det=True, use_cls=False, use_rec=True)
    if told.boxes is None:
        return []
    found = [
        TextLine(boxes.to_box(np.concatenate([corners.min(axis=0), corners.max(axis=0)])), str(text))
        for corners, text in zip(np.asarray(told.boxes), told.txts, strict=True)
    ]
    return sorted(found, key=lambda line: (line.box.y, line.box.x))


def read_line(image: Image) -> str:
    """Return what stands on a picture of one line of text; nothing where nothing is read."""
    told = engine()(as_bgr(image), use_det=False, use_cls=False, use_rec=True)
    return str(told.txts[0]) if told.txts else ""
