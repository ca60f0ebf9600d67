"""Measure what reports hide: other vehicles and their plates in whole frames of a made city, against its truth.

`python -m benchmarks.covering CITY ARCHIVE [--sightings N]`: the archive was made from the footage of the city.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import say
from index.access.browse import best_shot
from index.records import Sighting, StoredShot
from index.store.archive import Archive
from index.store.catalogue import footage, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.sightings import SightingFilter
from reid.plates.read import read_plates
from reid.privacy.clip import ClipOptions, frame_of
from reid.privacy.covering import cover_where, share_inside
from reid.privacy.others import plate_box
from reid.vehicle import Box, Image

LEAST_PX = 24
LEAST_VISIBLE = 0.3
"""True vehicles of this height and visibility are to be covered."""

ENOUGH = 0.9
"""A vehicle counts as covered if so much of what is seen of it beside the subject is."""

ROUNDING_S = 1e-4


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
    readable: int = 0
    still_readable: int = 0
    own: int = 0
    own_kept: int = 0


def main() -> None:
    """Print the claims, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--sightings", type=int, default=60, help="so many are drawn")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tally = Tally()
    with Archive.open(arguments.archive) as archive:
        for sighting, film in _drawn(archive, arguments.sightings, arguments.seed):
            _count(tally, archive, sighting, film, arguments.city)
    _say(tally)


def _say(tally: Tally) -> None:
    where = f"{tally.frames} frames of a made city"
    say(
        f"other vehicles covered in {where}, of {tally.others}",
        value=tally.covered / max(tally.others, 1),
        unit="share",
        peer="nothing covered",
        peer_value=0.0,
        less_is_better=False,
    )
    say(
        f"plates of others that our reader still reads rightly in {where}",
        value=tally.still_readable,
        unit="plates",
        peer="the frames as filmed",
        peer_value=tally.readable,
        less_is_better=True,
    )
    say(
        f"own plates still read in {where}",
        value=tally.own_kept,
        unit="plates",
        peer="the frames as filmed",
        peer_value=tally.own,
        less_is_better=False,
    )


def _count(tally: Tally, archive: Archive, sighting: Sighting, film: Footage, city: Path) -> None:
    """Cover the best frame of a sighting, and count what is hidden and what is not."""
    shot = best_shot(sighting)
    if shot is None:
        return
    with archive.catalogue.reading() as connection:
        track = sightings.tracks(connection, [sighting.id]).get(sighting.id) or ()
    time_s = (shot.time - film.start).total_seconds() - ROUNDING_S
    filmed = frame_of(Path(film.path), track, ClipOptions(time_s, time_s, covered=False))
    covered = frame_of(Path(film.path), track, ClipOptions(time_s, time_s, own_plate=_own_plate(shot)))
    vehicles = _truth(city, Path(film.path).name).get(shot.frame, ())
    own = max(vehicles, key=lambda one: _iou(one.box, shot.box), default=None)
    others = [one for one in vehicles if one is not own and share_inside(one.box, shot.box) < 0.5]
    hidden = (covered == cover_where(filmed, np.ones(filmed.shape[:2], bool))).all(axis=2)
    tally.frames += 1
    tally.others += len(others)
    tally.covered += sum(_is_hidden(hidden, one.box, shot.box) for one in others)
    plates = {one.plate for one in others if one.plate}
    before, after = _texts(filmed), _texts(covered)
    tally.readable += len(plates & before)
    tally.still_readable += len(plates & after)
    if own is not None and own.plate in before:
        tally.own += 1
        tally.own_kept += own.plate in after


def _is_hidden(hidden: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", box: Box, subject: Box) -> bool:
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
