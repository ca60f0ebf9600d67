"""Read a folder of crops whose file names say which camera saw the vehicle, and when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from index.errors import ArchiveError
from index.foreign.plate_log import LogOptions, read_plate_log
from index.foreign.report import Report, Reports
from index.intake.times import TimeReader
from reid.file_names import name_before_time, name_time
from reid.picture_folder import PICTURES

_VERI = re.compile(r"(?P<vehicle>\d+)_(?P<camera>c\d+)_(?P<frame>\d+)(?:_\d+)?")
"""As in 0001_c001_00016450_0: vehicle, camera, frame, number (Liu et al., VeRi-776)."""

PASSAGE_GAP_S = 60.0
"""Pictures of one vehicle on one camera that lie closer than this are of one passage."""

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""When names that only count frames are taken to begin, where nobody says it; no real footage is that old."""


@dataclass(frozen=True, slots=True)
class CropOptions:
    """What names do not say: the camera where all are of one; when frame 0 was, and how many came in a second."""

    camera: str | None = None
    start: datetime | None = None
    fps: float = 25.0


@dataclass(frozen=True, slots=True)
class _Crop:
    """One picture and what its name says; `vehicle` is the other system's number for it."""

    path: Path
    camera: str
    time: datetime
    vehicle: str | None


def read_crop_folder(folder: Path, crops: CropOptions, log: LogOptions) -> Reports:
    """Return what a folder of crops says: by the one table in it, else by the names of the files."""
    tables = sorted(folder.glob("*.csv"))
    if len(tables) > 1:
        raise ArchiveError(f"{folder} holds {len(tables)} CSV tables: name the one that describes the crops")
    if tables:
        return read_plate_log(tables[0], log)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not paths:
        raise ArchiveError(f"{folder} holds no picture: give a folder of JPEG or PNG crops, or a CSV table")
    found, problems = [], []
    for path in paths:
        crop = _by_name(path, folder, crops, log.times)
        if isinstance(crop, _Crop):
            found.append(crop)
        else:
            problems.append(crop)
    return Reports(tuple(_passages(found)), tuple(problems), _guesses(folder, found, crops))


def _by_name(path: Path, folder: Path, options: CropOptions, times: TimeReader) -> _Crop | str:
    """Return what a name says, or why it cannot be used."""
    if match := _VERI.fullmatch(path.stem):
        shown = (options.start or UNDATED) + timedelta(seconds=int(match["frame"]) / options.fps)
        return _Crop(path, options.camera or match["camera"], shown, match["vehicle"])
    written = name_time(path)
    if written is None:
        return f"{path.name}: its name says no time, as north_20260504_083000Z.jpg does"
    try:
        time = times.read(written)
    except ArchiveError as error:
        return f"{path.name}: {error}"
    inside = path.parent.name if path.parent != folder else None
    camera = options.camera or inside or name_before_time(path)
    if not camera:
        return f"{path.name}: its name says no camera, as north_20260504_083000Z.jpg does: give --camera ID"
    return _Crop(path, camera, time, None)


def _passages(crops: Sequence[_Crop]) -> Iterable[Report]:
    """Yield one report a passage: crops of a vehicle that is known by number are joined, others stand alone."""
    ordered = sorted(crops, key=lambda crop: (crop.camera, crop.vehicle or "", crop.time, crop.path))
    for (camera, vehicle), group in groupby(ordered, key=lambda crop: (crop.camera, crop.vehicle)):
        for passage in _cut(list(group), PASSAGE_GAP_S if vehicle is not None else 0.0):
            pictures = tuple((crop.time, crop.path) for crop in passage)
            yield Report(where=passage[0].path.name, camera=camera, pictures=pictures)


def _cut(crops: Sequence[_Crop], gap_s: float) -> Iterable[list[_Crop]]:
    passage = [crops[0]]
    for crop in crops[1:]:
        if (crop.time - passage[-1].time).total_seconds() < gap_s:
            passage.append(crop)
        else:
            yield passage
            passage = [crop]
    yield passage


def _guesses(folder: Path, crops: Sequence[_Crop], options: CropOptions) -> tuple[str, ...]:
    if options.start is not None or not any(crop.vehicle is not None for crop in crops):
        return ()
    since = UNDATED.isoformat().replace("+00:00", "Z")
    return (
        f"{folder.name}: names count frames and tell no date, so they are dated from {since} on at "
        f"{options.fps:g} frames/s: give --start TIME, and --fps N if it was another",
    )
