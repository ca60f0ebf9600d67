"""Draw the batches of a detector's training: batch number k is the same for any number of loaders."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from reid.training.detector.lessons import IGNORED, KNOWN, NOTHING, DetectorBatch
from reid.training.detector.pictures import Lesson, PictureOptions, draw_lesson, street


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Most batches hold `count` parts of pictures, (height, width); each `whole_every`th holds fewer, larger ones."""

    count: int = 16
    part: tuple[int, int] = (192, 320)
    whole_every: int = 4
    whole_count: int = 7
    whole: tuple[int, int] = (288, 512)


@dataclass(frozen=True, slots=True)
class DrawBatch:
    """Draw a batch of the streets in `paths`, by its number."""

    paths: tuple[Path, ...]
    seed: int
    batch: BatchOptions = field(default_factory=BatchOptions)
    pictures: PictureOptions = field(default_factory=PictureOptions)

    def __call__(self, number: int) -> DetectorBatch:
        """Return batch `number`."""
        rng = np.random.default_rng([self.seed, 61, number])
        whole = number % self.batch.whole_every == self.batch.whole_every - 1
        count, size = (self.batch.whole_count, self.batch.whole) if whole else (self.batch.count, self.batch.part)
        chosen = rng.integers(len(self.paths), size=count).tolist()
        return collated([draw_lesson(street(self.paths[at]), *size, self.pictures, rng) for at in chosen])


def collated(lessons: list[Lesson]) -> DetectorBatch:
    """Return lessons of one size as a batch; pictures with fewer vehicles get rows of nothing."""
    most = max(1, *(len(lesson.boxes) for lesson in lessons))
    boxes = np.zeros((len(lessons), most, 4), np.float32)
    types = np.full((len(lessons), most), -1, np.int64)
    kinds = np.full((len(lessons), most), NOTHING, np.int64)
    for row, lesson in enumerate(lessons):
        count = len(lesson.boxes)
        boxes[row, :count], types[row, :count] = lesson.boxes, lesson.types
        kinds[row, :count] = np.where(lesson.asked, KNOWN, IGNORED)
    pictures = np.stack([lesson.channels for lesson in lessons])
    return DetectorBatch(*(torch.from_numpy(part) for part in (pictures, boxes, types, kinds)))
