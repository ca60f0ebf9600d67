"""Read a folder of crops whose file names give the camera and the time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.folders import files_below
from index.ingest.imports.external_sighting import ExternalSighting, ExternalSightings
from index.ingest.imports.plate_log import PlateLogOptions, read_plate_log
from index.ingest.registration import check_writable_name
from index.ingest.times import TimeReader
from reid.clock.name_time import name_before_time, name_time
from reid.video.picture_folder import PICTURES

PASSAGE_GAP_S = 60.0
"""Crops of one vehicle at one camera that lie closer than this belong to one passage."""

LONGEST_FRAME = 12
"""Digits of the number of a frame."""

YEAR_S = 366 * 86_400.0

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of frame 0 if names only count frames and nobody gives it; no real footage is that old."""

_VERI = re.compile(r"(?P<vehicle>\d+)_(?P<camera>c\d+)_(?P<frame>\d+)(?:_\d+)?")
"""A name like 0001_c001_00016450_0: vehicle, camera, frame, number (Liu et al., VeRi-776)."""


@dataclass(frozen=True, slots=True)
class CropFolderOptions:
    """What file names leave out: the camera of all crops, the time of frame 0, and the frames per second."""

    camera: str | None = None
    start: datetime | None = None
    fps: float = 25.0


def read_crop_folder(folder: Path, crops: CropFolderOptions, log: PlateLogOptions) -> ExternalSightings:
    """Return the sightings of a folder of crops: by the one table in it, else by the names of the files."""
    tables = sorted(folder.glob("*.csv"))
    if len(tables) > 1:
        raise ArchiveError(f"{folder} holds {len(tables)} CSV tables: name the one that describes the crops")
    if tables:
        return read_plate_log(tables[0], log)
    paths = sorted(path for path in files_below(folder, hidden=True) if path.suffix.lower() in PICTURES)
    if not paths:
        raise ArchiveError(f"{folder} holds no picture: give a folder of JPEG or PNG crops, or a CSV table")
    found, problems = [], []
    for path in paths:
        crop = _by_name(path, folder, crops, log.times)
        if isinstance(crop, _NamedCrop):
            found.append(crop)
        else:
            problems.append(crop)
    return ExternalSightings(tuple(_passages(found)), tuple(problems), _guesses(folder, found, crops))


@dataclass(frozen=True, slots=True)
class _NamedCrop:
    """One picture and what its name says; `vehicle` is the other system's number for it."""

    path: Path
    camera: str
    time: datetime
    vehicle: str | None


def _by_name(path: Path, folder: Path, options: CropFolderOptions, times: TimeReader) -> _NamedCrop | str:
    """Return what a file's name says, or why it cannot be used."""
    try:
        check_writable_name(path)
    except ArchiveError as error:
        return str(error)
    if match := _VERI.fullmatch(path.stem):
        after_s = int(match["frame"][:LONGEST_FRAME]) / options.fps
        if len(match["frame"]) > LONGEST_FRAME or after_s > YEAR_S:
            return (
                f"{path.name}: frame {match['frame'][:LONGEST_FRAME]} is more than a year after the first, check --fps"
            )
        time = (options.start or UNDATED) + timedelta(seconds=after_s)
        return _NamedCrop(path, options.camera or match["camera"], time, match["vehicle"])
    written = name_time(path)
    if written is None:
        return f"{path.name}: its name says no time, as north_20260504_083000Z.jpg does"
    try:
        time = times.read_name(written)
    except ArchiveError as error:
        return f"{path.name}: {error}"
    subfolder = path.parent.name if path.parent != folder else None
    camera = options.camera or subfolder or name_before_time(path)
    if not camera:
        return f"{path.name}: its name says no camera, as north_20260504_083000Z.jpg does: give --camera ID"
    return _NamedCrop(path, camera, time, None)


def _passages(crops: Sequence[_NamedCrop]) -> Iterable[ExternalSighting]:
    """Yield one sighting per passage: crops with a vehicle number are joined, each other crop is one passage."""
    ordered = sorted(crops, key=lambda crop: (crop.camera, crop.vehicle or "", crop.time, crop.path))
    for (camera, vehicle), group in groupby(ordered, key=lambda crop: (crop.camera, crop.vehicle)):
        for passage in _split(list(group), PASSAGE_GAP_S if vehicle is not None else 0.0):
            pictures = tuple((crop.time, crop.path) for crop in passage)
            yield ExternalSighting(where=passage[0].path.name, camera=camera, pictures=pictures)


def _split(crops: Sequence[_NamedCrop], gap_s: float) -> Iterable[list[_NamedCrop]]:
    """Split crops in order of time wherever the gap is that long."""
    passage = [crops[0]]
    for crop in crops[1:]:
        if (crop.time - passage[-1].time).total_seconds() < gap_s:
            passage.append(crop)
        else:
            yield passage
            passage = [crop]
    yield passage


def _guesses(folder: Path, crops: Sequence[_NamedCrop], options: CropFolderOptions) -> tuple[str, ...]:
    if options.start is not None or not any(crop.vehicle is not None for crop in crops):
        return ()
    since = UNDATED.isoformat().replace("+00:00", "Z")
    return (
        f"{folder.name}: names count frames and tell no date, so they are dated from {since} on at "
        f"{options.fps:g} frames/s: give --start TIME, and --fps N if it was another",
    )
