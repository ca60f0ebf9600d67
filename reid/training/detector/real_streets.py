"""Make streets for the detector's training from real pictures: clips of fixed cameras, scenes, single pictures."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from reid.arrays import Floats, Floats32
from reid.detect.background import LEAST_SAMPLES, background_of
from reid.errors import SeeingError
from reid.images import read_image
from reid.training.detector.streets import UNKNOWN, Pixels, StoredStreet, empty_scene
from reid.training.detector.teachers import Teachers
from reid.training.detector.type_labels import TypeLabels, read_type_labels
from reid.vehicle import Grey, Image
from reid.video.frames import frames
from reid.video.picture_folder import pictures_in
from reid.video.timeline import read_timeline

LABEL_VERSION = 1
"""Increase it when pictures or labels change, so that cached older ones are not used."""

MOST_HEIGHT_PX, MOST_CLIP_S = 576, 60.0
EVERY_S, BEFORE_S = 0.75, 0.1
SCENE_EVERY_S, SCENE_SAMPLES = 2.0, 5
VIDEOS = (".mp4", ".mkv", ".avi", ".mov")
BACKGROUND_PX = (360, 640)
VARIATION = 2
"""How much a pixel of a scene is said to vary where only a mean of it is known."""

PLACES = "places.json"
"""The file beside the streets that names them by kind, those of places kept aside as held."""

HELD = 4
"""One in so many of the places of scenes is kept aside."""

_SCENE = re.compile(r"(?P<view>.+)_(?P<kind>frame|empty)_?\w*")


@dataclass(frozen=True, slots=True)
class RealFolders:
    """Folders of real pictures that nobody labelled.

    `clips` hold videos of fixed cameras, or folders of their pictures in a row; `scenes` hold VIEW_frame_1.jpg and, of
    the same view without traffic, VIEW_empty_1.jpg; `stills` hold single pictures. `types` is a file of what people
    said of boxes there.
    """

    clips: tuple[Path, ...] = ()
    scenes: tuple[Path, ...] = ()
    stills: tuple[Path, ...] = ()
    types: Path | None = None


@dataclass(frozen=True, slots=True)
class RealStreets:
    """The files of labelled streets by kind, and those of places kept aside.

    `backgrounds` is a file of scenes without traffic, if there are any; `teachers` are the ids of those who labelled,
    and `types` is the SHA-256 of the file of types, if there is one.
    """

    clips: tuple[Path, ...]
    scenes: tuple[Path, ...]
    stills: tuple[Path, ...]
    held: tuple[Path, ...]
    backgrounds: Path | None
    teachers: tuple[str, ...] = ()
    types: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A street to be made: `kind` is clip, scene or still."""

    kind: str
    name: str
    make: Callable[[], StoredStreet]
    is_held: bool = False


def real_streets(
    folders: RealFolders, teachers: Teachers, cache: Path, report: Callable[[int, int], None]
) -> RealStreets:
    """Label all streets, each once, kept in `cache`; an interruption loses only one."""
    types = None if folders.types is None else read_type_labels(folders.types)
    folder = cache / _key(teachers, types)
    folder.mkdir(parents=True, exist_ok=True)
    sources = [*_clips(folders.clips, teachers), *_scenes(folders.scenes, teachers), *_stills(folders.stills, teachers)]
    if not sources:
        raise SeeingError("the folders of real pictures hold no video and no picture")
    named = Counter(f"{source.kind}-{source.name}" for source in sources)
    if twice := [name for name, number in named.items() if number > 1]:
        raise SeeingError(f"two real streets are called {twice[0]}: give their folders different names")
    paths: dict[str, list[Path]] = defaultdict(list)
    for number, source in enumerate(sources):
        name = f"{source.kind}-{source.name}"
        path = folder / f"{name}.npy"
        if not path.exists():
            _typed(source.make(), name, types).save(path)
        paths["held" if source.is_held else source.kind].append(path)
        report(number + 1, len(sources))
    (folder / PLACES).write_text(json.dumps({kind: [path.stem for path in made] for kind, made in paths.items()}))
    backgrounds = _save_backgrounds(paths["scene"], folder / "backgrounds.npy")
    clips, scenes, stills, held = (tuple(paths[kind]) for kind in ("clip", "scene", "still", "held"))
    told = None if types is None else types.sha256
    return RealStreets(clips, scenes, stills, held, backgrounds, teachers.model_ids[:2], told)


def is_held(view: str) -> bool:
    """Tell whether a view is kept aside: all views of a place are, or none."""
    place = re.split(r"[-_\d]", view, maxsplit=1)[0]
    return hashlib.sha256(place.encode()).digest()[0] % HELD == 0


def views_of(folder: Path) -> Mapping[str, Mapping[str, Sequence[Path]]]:
    """Return the pictures of each view of a folder of scenes: those with traffic (frame) and those without (empty)."""
    views: dict[str, dict[str, list[Path]]] = defaultdict(lambda: {"frame": [], "empty": []})
    for path in pictures_in(folder):
        match = _SCENE.fullmatch(path.stem)
        if match is None:
            raise SeeingError(f"{path}: scenes are named VIEW_frame_1.jpg, or VIEW_empty_1.jpg where nobody drives")
        views[match["view"]][match["kind"]].append(path)
    return views


def _clips(folders: Sequence[Path], teachers: Teachers) -> Iterator[_Source]:
    for folder in folders:
        videos = sorted(path for path in folder.iterdir() if path.suffix.lower() in VIDEOS)
        for path in videos or [folder]:
            yield _Source("clip", _name(path), partial(_film, path, teachers))


def _scenes(folders: Sequence[Path], teachers: Teachers) -> Iterator[_Source]:
    for folder in folders:
        for view, pictures in views_of(folder).items():
            for number, (empty, shown) in enumerate(_by_empty(pictures)):
                name = f"{folder.name}-{view}-{number}"
                yield _Source("scene", name, partial(_scene, empty, shown, teachers), is_held(view))


def _stills(folders: Sequence[Path], teachers: Teachers) -> Iterator[_Source]:
    for folder in folders:
        for path in pictures_in(folder):
            yield _Source("still", _name(path), partial(_still, path, teachers))


def _film(path: Path, teachers: Teachers) -> StoredStreet:
    """Return moments of a clip, each with the frame shortly before, and the scene as watching would learn it."""
    timeline = read_timeline(path)
    shown = [(frame.time_s, _shrunk(frame.image)) for frame in frames(timeline, to_s=MOST_CLIP_S)]
    if len(shown) < LEAST_SAMPLES:
        raise SeeingError(f"{path} has {len(shown)} frames: a clip has seconds of a fixed camera")
    every_s = min(SCENE_EVERY_S, (shown[-1][0] - shown[0][0]) / SCENE_SAMPLES)
    scene = background_of([image for _, image in _thinned(shown, every_s)])
    moments = _thinned(shown, EVERY_S)[1:] or shown[-1:]
    before = [
        next(image for at, image in reversed(shown) if at <= time - BEFORE_S or at == shown[0][0])
        for time, _ in moments
    ]
    images = [image for _, image in moments]
    rows = [teachers.label(image) for image in images]
    return _stored(images, [_grey(image) for image in before], empty_scene(scene), rows)


def _scene(empty: Path, shown: Sequence[Path], teachers: Teachers) -> StoredStreet:
    """Return the pictures of a view as moments; the last is the one without traffic, in which nothing may be found."""
    scene = _shrunk(read_image(empty))
    size = (scene.shape[1], scene.shape[0])
    images = [np.asarray(cv2.resize(_shrunk(read_image(path)), size), dtype=np.uint8) for path in shown]
    images.append(scene)
    variation = np.full(scene.shape[:2], VARIATION, np.uint8)
    rows = [teachers.label(image) for image in images[:-1]] + [teachers.label(scene, is_empty=True)]
    return _stored(images, [_grey(image) for image in images], np.dstack([scene, variation]), rows)


def _still(path: Path, teachers: Teachers) -> StoredStreet:
    """Return a single picture as a moment of a scene that is known from nothing else."""
    image = _shrunk(read_image(path))
    scene = np.dstack([image, np.zeros(image.shape[:2], np.uint8)])
    return _stored([image], [_grey(image)], scene, [teachers.label(image)])


def _stored(images: Sequence[Image], before: Sequence[Grey], scene: Pixels, labels: Sequence[Floats]) -> StoredStreet:
    pictures = [np.dstack([image, grey]) for image, grey in zip(images, before, strict=True)]
    rows = [[moment, *row[:4], UNKNOWN, row[4]] for moment, found in enumerate(labels) for row in found]
    boxes: Floats32 = np.array(rows, np.float32).reshape(-1, 7)
    return StoredStreet(np.stack([*pictures, scene]).astype(np.uint8), boxes)


def _typed(street: StoredStreet, name: str, types: TypeLabels | None) -> StoredStreet:
    return street if types is None else replace(street, boxes=types.applied(name, street.boxes))


def _by_empty(pictures: Mapping[str, Sequence[Path]]) -> Iterator[tuple[Path, list[Path]]]:
    """Yield each picture without traffic, and those with traffic that look most like it: views differ in colours."""
    empties = [_shrunk(read_image(path)) for path in pictures["empty"]]
    chosen: dict[int, list[Path]] = defaultdict(list)
    for path in pictures["frame"] if empties else ():
        image = _shrunk(read_image(path))
        apart = [
            np.median(cv2.absdiff(image, cv2.resize(empty, (image.shape[1], image.shape[0])))) for empty in empties
        ]
        chosen[int(np.argmin(apart))].append(path)
    for number, path in enumerate(pictures["empty"]):
        yield path, chosen[number]


def _save_backgrounds(streets: Sequence[Path], path: Path) -> Path | None:
    """Write the pictures without traffic in which really nothing was found, (n, h, w, 3)."""
    kept = []
    for street in map(StoredStreet.load, streets):
        last = street.moments - 1
        if not (street.boxes[:, 0] == last).any():
            kept.append(cv2.resize(street.pictures[last][..., :3], BACKGROUND_PX[::-1], interpolation=cv2.INTER_AREA))
    if not kept:
        return None
    np.save(path, np.stack(kept), allow_pickle=False)
    return path


def _thinned(shown: Sequence[tuple[float, Image]], every_s: float) -> list[tuple[float, Image]]:
    """Return the first frame of each stretch of that length."""
    kept: list[tuple[float, Image]] = []
    for time, image in shown:
        if not kept or time >= kept[-1][0] + every_s - 1e-6:
            kept.append((time, image))
    return kept


def _shrunk(image: Image) -> Image:
    if image.shape[0] <= MOST_HEIGHT_PX:
        return image
    size = (round(image.shape[1] * MOST_HEIGHT_PX / image.shape[0]), MOST_HEIGHT_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _grey(image: Image) -> Grey:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def _key(teachers: Teachers, types: TypeLabels | None) -> str:
    """Return the cache folder's name: other teachers give other labels."""
    text = json.dumps([LABEL_VERSION, *teachers.model_ids, *([] if types is None else [types.sha256])])
    return f"real-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
