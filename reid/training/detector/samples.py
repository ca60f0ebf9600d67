"""Draw training samples of the detector from rendered streets, and collate them into batches."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from reid.arrays import Flags, Floats, Floats32, Ints
from reid.detect.learned import Channels, EmptyScene, pad_channels, stack_channels
from reid.training.detector.augmentation import (
    MomentAugmentOptions,
    StreetMoment,
    with_camera_effects,
    with_disturbances,
)
from reid.training.detector.clutter import with_clutter
from reid.training.detector.losses import IGNORED, LABELLED, NO_ROW, DetectorBatch
from reid.training.detector.streets import StoredStreet
from reid.vehicle import Grey, Image

INPUT_HEIGHT_PX = 288
"""Height of a whole picture at the network's input."""


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """How often and how strongly samples are augmented.

    `zoom` is the range of the enlargement; `near_share` of the crops contain a vehicle. `still_share` of the samples
    have neither empty scene nor frame before, `no_scene_share` and `no_before_share` lack one of the two.
    """

    zoom: tuple[float, float] = (0.55, 2.2)
    near_share: float = 0.8
    aspect: float = 0.12
    still_share: float = 0.3
    no_scene_share: float = 0.07
    no_before_share: float = 0.07
    cluttered_share: float = 0.5
    disturbed_share: float = 0.5
    min_height_px: float = 5.0
    min_visible: float = 0.2
    camera: MomentAugmentOptions = field(default_factory=MomentAugmentOptions)
    backgrounds: Path | None = None
    """A file of real scenes without traffic, of which clutter is cut, too."""


@dataclass(frozen=True, slots=True)
class DetectorSample:
    """The channels of a picture; boxes (n, 4) xyxy, types (n,), and whether each counts as a label, (n,)."""

    channels: Channels
    boxes: Floats32
    types: Ints
    labelled: Flags


@lru_cache(maxsize=1024)
def load_street(path: Path) -> StoredStreet:
    """Load a street; its pictures stay on disk."""
    return StoredStreet.load(path)


def draw_sample(
    street: StoredStreet, height: int, width: int, options: SampleOptions, rng: np.random.Generator
) -> DetectorSample:
    """Return an augmented crop, `height` x `width`, of a random moment of a street."""
    moment = int(rng.integers(street.moments))
    rows = street.boxes[street.boxes[:, 0] == moment]
    shown, moved = _cut(street, moment, rows[:, 1:5].astype(np.float64), (height, width), options, rng)
    if rng.random() < options.cluttered_share:
        shown = with_clutter(
            shown, _clipped(moved, shown.picture.shape[1], shown.picture.shape[0]), rng, options.backgrounds
        )
    shown = with_camera_effects(shown, options.camera, rng)
    kept = _clipped(moved, shown.picture.shape[1], shown.picture.shape[0])
    types, visible = rows[:, 5].astype(np.int64), rows[:, 6]
    if rng.random() < options.disturbed_share:
        shown = with_disturbances(shown, kept[visible > 0.5], rng)
    channels = _with_missing_channels(shown, options, rng)
    labelled = _is_labelled(kept, moved, visible, options)
    there = (kept[:, 2:] > kept[:, :2] + 1).all(axis=1)
    return DetectorSample(
        pad_channels(channels, height, width), kept[there].astype(np.float32), types[there], labelled[there]
    )


def whole_sample(street: StoredStreet, moment: int, *, moving: bool) -> DetectorSample:
    """Return a whole moment, unchanged, as in inference."""
    rows = street.boxes[street.boxes[:, 0] == moment]
    pictures, empty = street.pictures[moment], street.pictures[-1]
    scale = INPUT_HEIGHT_PX / pictures.shape[0]
    size = (round(pictures.shape[1] * scale), INPUT_HEIGHT_PX)
    now, scene = (cv2.resize(np.asarray(part), size, interpolation=cv2.INTER_AREA) for part in (pictures, empty))
    known = EmptyScene(_colours(scene), _fourth(scene)) if moving else None
    channels = stack_channels(_colours(now), known, _fourth(now) if moving else None)
    options = SampleOptions()
    boxes = rows[:, 1:5].astype(np.float64) * scale
    labelled = _is_labelled(boxes, boxes, rows[:, 6], options)
    return DetectorSample(channels, boxes.astype(np.float32), rows[:, 5].astype(np.int64), labelled)


@dataclass(frozen=True, slots=True)
class DetectorBatchOptions:
    """Most batches hold `count` crops of size `part` (height, width); every `whole_every`th fewer, larger ones."""

    count: int = 16
    part: tuple[int, int] = (192, 320)
    whole_every: int = 4
    whole_count: int = 7
    whole: tuple[int, int] = (288, 512)


@dataclass(frozen=True, slots=True)
class StreetKind:
    """Streets of one kind, the share of samples drawn from them, and how these are augmented."""

    paths: tuple[Path, ...]
    share: float = 1.0
    pictures: SampleOptions = field(default_factory=SampleOptions)


@dataclass(frozen=True, slots=True)
class DetectorBatches:
    """Makes the batches of a training from streets of one or several kinds."""

    kinds: tuple[StreetKind, ...]
    seed: int
    batch: DetectorBatchOptions = field(default_factory=DetectorBatchOptions)

    def __call__(self, number: int) -> DetectorBatch:
        """Return batch `number`."""
        rng = np.random.default_rng([self.seed, 61, number])
        whole = number % self.batch.whole_every == self.batch.whole_every - 1
        count, size = (self.batch.whole_count, self.batch.whole) if whole else (self.batch.count, self.batch.part)
        chosen = rng.choice(len(self.kinds), size=count, p=[kind.share for kind in self.kinds]).tolist()
        return collate([_draw(self.kinds[at], size, rng) for at in chosen])


def _draw(kind: StreetKind, size: tuple[int, int], rng: np.random.Generator) -> DetectorSample:
    path = kind.paths[int(rng.integers(len(kind.paths)))]
    return draw_sample(load_street(path), *size, kind.pictures, rng)


def collate(samples: list[DetectorSample]) -> DetectorBatch:
    """Collate samples of one size into a batch; pictures with fewer vehicles get filler rows."""
    most = max(1, *(len(sample.boxes) for sample in samples))
    boxes = np.zeros((len(samples), most, 4), np.float32)
    types = np.full((len(samples), most), -1, np.int64)
    kinds = np.full((len(samples), most), NO_ROW, np.int64)
    for row, sample in enumerate(samples):
        count = len(sample.boxes)
        boxes[row, :count], types[row, :count] = sample.boxes, sample.types
        kinds[row, :count] = np.where(sample.labelled, LABELLED, IGNORED)
    pictures = np.stack([sample.channels for sample in samples])
    return DetectorBatch(*(torch.from_numpy(part) for part in (pictures, boxes, types, kinds)))


def _cut(
    street: StoredStreet,
    moment: int,
    boxes: Floats,
    size: tuple[int, int],
    options: SampleOptions,
    rng: np.random.Generator,
) -> tuple[StreetMoment, Floats]:
    """Return a resized, maybe mirrored crop of a moment, and its boxes there."""
    high, wide = street.pictures.shape[1:3]
    zoom = float(np.exp(rng.uniform(*np.log(options.zoom)))) * INPUT_HEIGHT_PX / high
    zoom_x, zoom_y = zoom * np.exp(rng.uniform(-options.aspect, options.aspect, 2))
    part_wide, part_high = min(wide, round(size[1] / zoom_x)), min(high, round(size[0] / zoom_y))
    left, top = _corner(boxes, (part_high, part_wide), (high, wide), options, rng)
    to_size = (min(size[1], round(part_wide * zoom_x)), min(size[0], round(part_high * zoom_y)))
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    window = (slice(top, top + part_high), slice(left, left + part_wide))
    now, scene = (
        cv2.resize(np.asarray(street.pictures[at][window]), to_size, interpolation=how) for at in (moment, -1)
    )
    scales = np.array([to_size[0] / part_wide, to_size[1] / part_high] * 2)
    moved = (boxes - np.array([left, top] * 2)) * scales
    if rng.random() < 0.5:
        now, scene = now[:, ::-1], scene[:, ::-1]
        moved = np.stack([to_size[0] - moved[:, 2], moved[:, 1], to_size[0] - moved[:, 0], moved[:, 3]], axis=1)
    return StreetMoment(_colours(now), _fourth(now), _colours(scene), _fourth(scene)), moved


def _corner(
    boxes: Floats, part: tuple[int, int], whole: tuple[int, int], options: SampleOptions, rng: np.random.Generator
) -> tuple[int, int]:
    """Return left and top of a crop, which often contains a vehicle."""
    room_y, room_x = whole[0] - part[0], whole[1] - part[1]
    if len(boxes) and rng.random() < options.near_share:
        box = boxes[int(rng.integers(len(boxes)))]
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
        left, top = x - part[1] * rng.uniform(0.15, 0.85), y - part[0] * rng.uniform(0.15, 0.85)
    else:
        left, top = rng.uniform(0, room_x + 1), rng.uniform(0, room_y + 1)
    return int(np.clip(left, 0, room_x)), int(np.clip(top, 0, room_y))


def _with_missing_channels(shown: StreetMoment, options: SampleOptions, rng: np.random.Generator) -> Channels:
    """Return the channels, sometimes without the empty scene, the frame before, or both."""
    chance = rng.random()
    still, no_scene = options.still_share, options.still_share + options.no_scene_share
    scene = None if chance < no_scene else EmptyScene(shown.empty, shown.wavering)
    has_before = still <= chance < no_scene or chance >= no_scene + options.no_before_share
    return stack_channels(shown.picture, scene, shown.before if has_before else None)


def _is_labelled(kept: Floats, moved: Floats, visible: Floats32, options: SampleOptions) -> Flags:
    """Return which vehicles are large, visible and complete enough to count as labels."""
    sizes, whole = kept[:, 2:] - kept[:, :2], moved[:, 2:] - moved[:, :2]
    shown_share = sizes.clip(0).prod(axis=1) / whole.prod(axis=1).clip(1.0)
    large = (sizes[:, 1] >= options.min_height_px) & (sizes[:, 0] >= 0.6 * options.min_height_px)
    return np.asarray(large & (visible >= options.min_visible) & (shown_share >= 0.15))


def _clipped(boxes: Floats, width: int, height: int) -> Floats:
    return np.clip(boxes, 0.0, [width, height, width, height])


def _colours(four: npt.NDArray[Any]) -> Image:
    return np.ascontiguousarray(four[..., :3])


def _fourth(four: npt.NDArray[Any]) -> Grey:
    return np.ascontiguousarray(four[..., 3])
