"""Measure what reports hide: other vehicles and plates in whole frames of a made city, and vehicles in real clips.

`python -m benchmarks.covering --city CITY --archive ARCHIVE [--sightings N]`: the archive was made from its footage.
`python -m benchmarks.covering --clips CLIP...`: beside each lies a CSV with boxes drawn by hand (`frame,x,y,w,h`).
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.claim import say
from index.access.browse import best_shot
from index.records import Sighting, StoredShot
from index.store.archive import Archive
from index.store.catalogue import footage, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.sightings import SightingFilter
from reid.arrays import Flags
from reid.plates.read import read_plates
from reid.privacy.clip import ClipOptions, frame_of
from reid.privacy.covering import cover_where, share_inside
from reid.privacy.others import plate_box
from reid.vehicle import Box, Image
from reid.video.timeline import read_timeline

LEAST_PX = 24
LEAST_VISIBLE = 0.3
"""True vehicles of this height and visibility are to be covered."""

ENOUGH = 0.9
"""A vehicle counts as covered if so much of what is seen of it beside the subject is."""

ROUNDING_S = 1e-4
EVERY_FRAMES = 50
"""Of a real clip, one frame in so many is looked at."""


@dataclass(frozen=True, slots=True)
class TrueVehicle:
    """A vehicle in one frame by the truth of the city; `plate` is None where it bears none, or scenery."""

    box: Box
    plate: str | None


@dataclass(slots=True)
class Tally:
    """What was counted over all frames."""

    frames: int = 0
    others: int = 0
    covered: int = 0
    plates: int = 0
    kept: int = 0
    left: int = 0


def main() -> None:
    """Print the claims, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--sightings", type=int, default=60, help="so many are drawn")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.clips:
        shown = Tally()
        for clip in arguments.clips:
            _count_clip(shown, clip)
        _say_vehicles(shown, f"{shown.frames} frames of {len(arguments.clips)} real clips")
    if arguments.city is not None and arguments.archive is not None:
        tally = Tally()
        with Archive.open(arguments.archive) as archive:
            for sighting, film in _drawn(archive, arguments.sightings, arguments.seed):
                _count(tally, archive, sighting, film, arguments.city)
        _say(tally)


def _say(tally: Tally) -> None:
    where = f"{tally.frames} frames of a made city"
    _say_vehicles(tally, where)
    for name, value, less_is_better in (
        ("plates of confirmed vehicles that our reader still reads rightly", tally.kept, False),
        ("plates of vehicles that nobody confirmed that our reader still reads rightly", tally.left, True),
    ):
        say(
            f"{name} in {where}",
            value=value,
            unit="plates",
            peer="the frames as filmed",
            peer_value=tally.plates,
            less_is_better=less_is_better,
        )


def _say_vehicles(tally: Tally, where: str) -> None:
    say(
        f"other vehicles covered in {where}, of {tally.others}",
        value=tally.covered / max(tally.others, 1),
        unit="share",
        peer="nothing covered",
        peer_value=0.0,
        less_is_better=False,
    )


def _count_clip(tally: Tally, clip: Path) -> None:
    """Cover some frames of a clip in which nobody is the subject, and count the vehicles that are hidden."""
    with clip.with_suffix(".csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["h"]) >= LEAST_PX]
    times_s = read_timeline(clip).times_s
    for frame in range(EVERY_FRAMES, len(times_s), EVERY_FRAMES):
        time_s = float(times_s[frame]) - ROUNDING_S
        filmed = frame_of(clip, (), ClipOptions(time_s, time_s, covered=False))
        hidden = _hidden(filmed, frame_of(clip, (), ClipOptions(time_s, time_s)))
        boxes = [Box(*(float(row[name]) for name in "xywh")) for row in rows if int(row["frame"]) == frame]
        tally.frames += 1
        tally.others += len(boxes)
        tally.covered += sum(_is_hidden(hidden, box, Box(0, 0, 0, 0)) for box in boxes)


def _hidden(filmed: Image, covered: Image) -> Flags:
    """Return which pixels of a frame were covered, those too that had the colour of their cell by chance."""
    grid = cover_where(filmed, np.ones(filmed.shape[:2], bool))
    return np.asarray((covered == grid).all(axis=2) | (covered != filmed).any(axis=2))


def _count(tally: Tally, archive: Archive, sighting: Sighting, film: Footage, city: Path) -> None:
    """Cover the best frame of a sighting, and count what is hidden and what is not."""
    shot = best_shot(sighting)
    if shot is None:
        return
    with archive.catalogue.reading() as connection:
        track = sightings.tracks(connection, [sighting.id]).get(sighting.id) or ()
    time_s = (shot.time - film.start).total_seconds() - ROUNDING_S
    filmed = frame_of(Path(film.path), track, ClipOptions(time_s, time_s, covered=False))
    confirmed = ClipOptions(time_s, time_s, own_plate=_own_plate(shot))
    covered = frame_of(Path(film.path), track, confirmed)
    vehicles = _truth(city, Path(film.path).name).get(shot.frame, ())
    own = max(vehicles, key=lambda one: _iou(one.box, shot.box), default=None)
    others = [one for one in vehicles if one is not own and share_inside(one.box, shot.box) < 0.5]
    hidden = _hidden(filmed, covered)
    tally.frames += 1
    tally.others += len(others)
    tally.covered += sum(_is_hidden(hidden, one.box, shot.box) for one in others)
    if own is not None and own.plate in _texts(filmed):
        tally.plates += 1
        tally.kept += own.plate in _texts(covered)
        tally.left += own.plate in _texts(frame_of(Path(film.path), track, replace(confirmed, shows_plate=False)))


def _is_hidden(hidden: Flags, box: Box, subject: Box) -> bool:
    """Return whether enough of a vehicle is hidden, apart from what the subject's box shows."""
    height, width = hidden.shape
    looked = np.zeros((height, width), bool)
    looked[_part(box, width, height)] = True
    looked[_part(subject, width, height)] = False
    return bool(not looked.any() or hidden[looked].mean() >= ENOUGH)


def _part(box: Box, width: int, height: int) -> tuple[slice, slice]:
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = min(width, round(box.x + box.width)), min(height, round(box.y + box.height))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _own_plate(shot: StoredShot) -> Box | None:
    plate = plate_box(shot.plate)
    return None if plate is None else Box(plate.x + shot.box.x, plate.y + shot.box.y, plate.width, plate.height)


def _texts(image: Image) -> set[str]:
    return {plate.text for plate in read_plates(image) if plate.text}


def _drawn(archive: Archive, most: int, seed: int) -> Sequence[tuple[Sighting, Footage]]:
    with archive.catalogue.reading() as connection:
        films = {film.id: film for film in footage.listing(connection)}
        found = [one for one in sightings.listing(connection, SightingFilter()) if one.footage in films]
    chosen = np.random.default_rng(seed).permutation(len(found))[:most]
    return [(found[at], films[found[at].footage or ""]) for at in sorted(chosen.tolist())]


_READ: dict[str, Mapping[int, Sequence[TrueVehicle]]] = {}


def _truth(city: Path, video: str) -> Mapping[int, Sequence[TrueVehicle]]:
    """Return the vehicles of each frame of a video that are large and visible enough."""
    if video not in _READ:
        with (city / "truth" / "vehicles.csv").open(encoding="utf-8") as file:
            plates = {row["vehicle"]: row["plate"] or None for row in csv.DictReader(file)}
        by_frame: dict[int, list[TrueVehicle]] = defaultdict(list)
        with (city / "truth" / "boxes.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["video"] != video or float(row["h"]) < LEAST_PX or float(row["visible"]) < LEAST_VISIBLE:
                    continue
                box = Box(*(float(row[name]) for name in "xywh"))
                by_frame[int(row["frame"])].append(TrueVehicle(box, plates.get(row["vehicle"])))
        _READ[video] = by_frame
    return _READ[video]


def _iou(first: Box, second: Box) -> float:
    common = share_inside(first, second) * first.width * first.height
    return common / (first.width * first.height + second.width * second.height - common)


if __name__ == "__main__":
    main()
