"""Retell as a sighting what another system saw: its pictures described like those of footage, its words believed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from index.catalogue.cameras import StoredCamera
from index.foreign.report import Report
from index.intake.describing import Describer
from index.places import road_driven
from index.sighting import Look, NewSighting
from reid.appearance.embedder import Embedder
from reid.errors import SeeingError
from reid.images import read_image, sharpness
from reid.passages import Passage
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box, Plate, Shot, Track, TrackPoint

READER_ID = "another-plate-reader"
"""Who read the plates that are imported."""

UNTOLD_CONFIDENCE = 0.9
"""How sure a reader is taken to be that does not say it."""

LEAST_SURE, MOST_SURE = 0.05, 0.99
"""Nobody is surer of a character than this, and none that is worth writing down less."""

WORD_RELIABILITY = 0.9
"""How often another system's word for a type or a colour is taken to be right."""

MOST_PICTURES = 3

NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
"""Where a vehicle was in a frame that nobody kept."""


@dataclass(frozen=True, slots=True)
class Retelling:
    """What turns reports into sightings; `places` has every place of each camera."""

    places: Mapping[str, Sequence[StoredCamera]]
    embedder: Embedder
    reads_plates: bool

    def sighting(self, id_: str, report: Report) -> tuple[NewSighting | None, list[str]]:
        """Return the sighting, None where nothing is left to know the vehicle by, and what was wrong with pictures."""
        shots, problems = _shots(report)
        if not shots and not report.plate:
            return None, problems
        new = self._seen(id_, report, shots) if shots else _unseen(id_, report)
        plate = _plate(report, new.box) or new.plate
        reader = READER_ID if report.plate else new.plate_model
        edge = self._road(report, new.look.heading_deg)
        look = _with_words(new.look, report)
        new = replace(new, id=id_, first=report.first, last=report.last, track=())
        return replace(new, look=look, plate=plate, plate_model=reader, edge=edge), problems

    def _seen(self, id_: str, report: Report, shots: Sequence[Shot]) -> NewSighting:
        describer = Describer(
            footage=id_,
            camera=report.camera,
            start=report.first,
            width_px=max(shot.image.shape[1] for shot in shots),
            height_px=max(shot.image.shape[0] for shot in shots),
            embedder=self.embedder,
            reads_plates=self.reads_plates and not report.plate,
        )
        points = (TrackPoint(shot.frame, shot.time_s, shot.box, 1.0) for shot in shots)
        track = Track(0, tuple(sorted(points, key=lambda point: (point.time_s, point.frame))))
        return describer.sighting(Passage(track, tuple(shots)))

    def _road(self, report: Report, heading_deg: float | None) -> int | None:
        then = _at(self.places[report.camera], report.first)
        return road_driven(then, heading_deg) if then else None


def report_id(report: Report) -> str:
    """Return an id made of what is reported, not of the line that does: the same row is the same sighting."""
    told = [report.camera, report.first.isoformat(), report.plate or ""]
    told += [hashlib.sha256(path.read_bytes()).hexdigest() for _, path in report.pictures if path.is_file()]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:24]


def _shots(report: Report) -> tuple[list[Shot], list[str]]:
    """Return the few largest and sharpest pictures, best first, and why others could not be read."""
    shots, problems = [], []
    for number, (time, path) in enumerate(report.pictures):
        try:
            image = read_image(path)
        except FileNotFoundError:
            problems.append(f"{report.where}: there is no picture {path}")
        except (SeeingError, OSError) as error:
            problems.append(f"{report.where}: {error}")
        else:
            height, width = image.shape[:2]
            seconds = (time - report.first).total_seconds()
            shots.append(Shot(number, seconds, Box(0.0, 0.0, width, height), image, sharpness(image)))
    shots.sort(key=lambda shot: (-shot.box.width * shot.box.height * shot.sharpness, shot.frame))
    return shots[:MOST_PICTURES], problems


def _unseen(id_: str, report: Report) -> NewSighting:
    """Return a sighting of which there is no picture."""
    return NewSighting(id_, report.camera, report.first, report.first, report.last, NOWHERE, Look({}, {}), (), {})


def _at(places: Sequence[StoredCamera], time: datetime) -> StoredCamera | None:
    """Return where the camera stood at a time."""
    then = (place for place in places if place.valid_from <= time and (place.valid_to is None or time < place.valid_to))
    return next(then, None)


def _with_words(look: Look, report: Report) -> Look:
    """Return the look as the other system puts it, where it does."""
    types = _worded(report.type, VEHICLE_TYPES) or look.types
    return replace(look, types=types, colours=_worded(report.colour, COLOURS) or look.colours)


def _worded(word: str | None, names: Sequence[str]) -> dict[str, float]:
    if word is None:
        return {}
    others = (1.0 - WORD_RELIABILITY) / (len(names) - 1)
    return {name: WORD_RELIABILITY if name == word else round(others, 4) for name in names}


def _plate(report: Report, box: Box) -> Plate | None:
    """Return the plate that was read elsewhere, each of its characters as sure as the whole of it."""
    if not report.plate:
        return None
    confidence = UNTOLD_CONFIDENCE if report.confidence is None else report.confidence
    sure = min(max(confidence, LEAST_SURE), MOST_SURE)
    right, bottom = box.x + box.width, box.y + box.height
    corners = ((box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom))
    return Plate(box, corners, report.plate, confidence, tuple({character: sure} for character in report.plate))
