"""Open the pictures, frames and clips of a case for its report, others covered, each with an audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.access import audit
from index.access.browse import best_shot, open_picture
from index.access.permissions import Permission, require
from index.casework.contents import GONE, IMPORTED, UNCHANGED, CaseContents, Exhibit
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.people import Person
from index.store.crops import CropError
from reid.errors import SeeingError
from reid.images import decode_image, encode_jpeg
from reid.plates.locate import locate
from reid.privacy.clip import ClipOptions, cut_clip, frame_of
from reid.privacy.covering import around
from reid.privacy.others import Others, cover_others, others_in_crop, plate_box
from reid.vehicle import Box, Image, TrackPoint

REASON = "for the report"

FRAME_QUALITY = 88
ROUNDING_S = 1e-4
"""Times are stored to the microsecond: the frame of a time is the first from a little before it on."""

BEFORE_S = AFTER_S = 3.0
LONGEST_S = 60.0
"""Of a vehicle that stays longer, the minute around its best moment is cut out."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A picture of a report: JPEG bytes (None: `problem` says why there is none), where they are from, and its box.

    `box` is the vehicle in a whole frame.
    """

    jpeg: bytes | None
    source: str
    problem: str | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A clip of a report; `problem` says why there is none, `from_s` and `to_s` what was cut out of the footage."""

    source: str
    frames: int = 0
    from_s: float = 0.0
    to_s: float = 0.0
    problem: str | None = None


def exhibit_picture(archive: Archive, person: Person, contents: CaseContents, exhibit: Exhibit) -> Excerpt:
    """Return the best picture of an exhibit."""
    shot, case = best_shot(exhibit.sighting), contents.file.case
    if shot is None:
        return Excerpt(None, "", "it was imported without a picture")
    source = f"stored picture, SHA-256 {shot.crop.sha256}"
    try:
        jpeg = open_picture(archive, exhibit.sighting, person, shot=shot, reason=REASON, case=case.id)
        if case.show_others is not None:
            return Excerpt(jpeg, source)
        image = decode_image(jpeg, exhibit.sighting.id)
    except (CropError, SeeingError) as error:
        return Excerpt(None, source, str(error))
    own = plate_box(shot.plate)
    others = others_in_crop(image, own if exhibit.shows_plate else None)
    if own is not None and not exhibit.shows_plate:
        others = others.joined(Others(plates=(own,)))
    return Excerpt(encode_jpeg(cover_others(image, others)), source)


def exhibit_frame(archive: Archive, person: Person, contents: CaseContents, exhibit: Exhibit) -> Excerpt:
    """Return the whole frame in which the best picture of an exhibit was taken."""
    shot, case = best_shot(exhibit.sighting), contents.file.case
    problem = _unreadable(exhibit)
    if problem is not None or shot is None or exhibit.footage is None:
        return Excerpt(None, "", problem or "it was imported without a picture")
    film = exhibit.footage.footage
    source = f"footage {film.id}, frame {shot.frame}"
    detail = {"sighting": exhibit.sighting.id, "footage": film.id, "frame": shot.frame}
    require(archive, person, Permission.SEE)
    audit.record(archive, person, "open frame", detail, reason=REASON, case=case.id)
    time_s = (shot.time - film.start).total_seconds() - ROUNDING_S
    own = _in_frame(plate_box(shot.plate), shot.box)
    options = ClipOptions(time_s, time_s, case.show_others is None, exhibit.shows_plate, own)
    try:
        image = frame_of(Path(film.path), _track(archive, exhibit), options)
    except (OSError, SeeingError) as error:
        return Excerpt(None, source, str(error))
    return Excerpt(encode_jpeg(image, FRAME_QUALITY), source, box=shot.box)


def exhibit_clip(archive: Archive, person: Person, contents: CaseContents, exhibit: Exhibit, target: Path) -> Cut:
    """Write the clip of an exhibit, from 3 s before it was seen to 3 s after."""
    problem, case = _unreadable(exhibit), contents.file.case
    if problem is not None or exhibit.footage is None:
        return Cut("", problem=problem or IMPORTED)
    film = exhibit.footage.footage
    from_s, to_s = clip_span(exhibit)
    detail = {"sighting": exhibit.sighting.id, "footage": film.id, "from_s": from_s, "to_s": to_s}
    require(archive, person, Permission.SEE)
    audit.record(archive, person, "cut clip", detail, reason=REASON, case=case.id)
    options = ClipOptions(from_s, to_s, case.show_others is None, exhibit.shows_plate)
    source = f"footage {film.id}, {from_s:.2f} to {to_s:.2f} s"
    try:
        count = cut_clip(Path(film.path), target, _track(archive, exhibit), options)
    except SeeingError as error:
        target.unlink(missing_ok=True)
        return Cut(source, problem=str(error))
    return Cut(source, count, from_s, to_s)


def clip_span(exhibit: Exhibit) -> tuple[float, float]:
    """Return which seconds of its footage the clip of an exhibit shows."""
    if exhibit.footage is None:
        raise ArchiveError(f"sighting {exhibit.sighting.id!r} has no footage: no clip can be cut")
    start = exhibit.footage.footage.start
    first_s, best_s, last_s = (
        (time - start).total_seconds()
        for time in (exhibit.sighting.first, exhibit.sighting.best, exhibit.sighting.last)
    )
    if last_s - first_s > LONGEST_S:
        first_s, last_s = max(first_s, best_s - LONGEST_S / 2), min(last_s, best_s + LONGEST_S / 2)
    return max(0.0, first_s - BEFORE_S), last_s + AFTER_S


def question_pictures(contents: CaseContents) -> list[Excerpt]:
    """Return the pictures that the question was asked with."""
    query = contents.answer.asked.query if contents.answer is not None else None
    if query is None or contents.answer is None:
        return []
    digests = contents.answer.asked.entry.detail.get("pictures", ())
    shown = contents.file.case.show_others is not None
    return [
        Excerpt(encode_jpeg(picture if shown else _own_only(picture)), f"picture asked with, SHA-256 {digest}")
        for picture, digest in zip(query.pictures, digests, strict=True)
    ]


def _own_only(picture: Image) -> Image:
    """Return a picture with all faces covered, and all plates but the surest one."""
    plates = locate(picture)
    own = around([(float(x), float(y)) for x, y in plates[0].corners]) if plates else None
    return cover_others(picture, others_in_crop(picture, own))


def _unreadable(exhibit: Exhibit) -> str | None:
    """Return why the footage of an exhibit cannot be shown."""
    state = exhibit.footage.state if exhibit.footage is not None else IMPORTED
    if state == UNCHANGED:
        return None
    if state == GONE and exhibit.footage is not None:
        return f"the footage is gone: {Path(exhibit.footage.footage.path).name} is no longer where it was"
    return f"the footage is not shown: it was {state}" if state != IMPORTED else "it was imported without footage"


def _in_frame(plate: Box | None, crop: Box) -> Box | None:
    """Return the box of a plate in a vehicle's picture as a box of the frame."""
    return None if plate is None else Box(plate.x + crop.x, plate.y + crop.y, plate.width, plate.height)


def _track(archive: Archive, exhibit: Exhibit) -> Sequence[TrackPoint]:
    """Return where the vehicle was in each frame; where only its best moment is known, that alone."""
    sighting = exhibit.sighting
    with archive.catalogue.reading() as connection:
        track = sightings.tracks(connection, [sighting.id]).get(sighting.id)
    if track or exhibit.footage is None:
        return track or ()
    best_s = (sighting.best - exhibit.footage.footage.start).total_seconds()
    return (TrackPoint(0, best_s, sighting.box, 1.0),)
