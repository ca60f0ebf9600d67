"""Say what of a case's marks, and of a question, a person should look at: they are believed all the same."""

from collections.abc import Sequence

import numpy as np

from index.answers import Itinerary, NamedSighting, NamedSightings, Reason
from index.search.question import BoundedQuestion, Question
from index.search.reasons import (
    CONTRADICTING,
    DIFFERENT_PLATES,
    LEFT_OUT,
    NOT_JOINED,
    OTHER_PLATE_THAN_ASKED,
    OTHER_PLATES,
    RULED_OUT,
    TOO_FAST_A_WAY,
    TOO_NEAR_THE_QUESTION,
)
from index.search.stays import HARDLY, excludes_elsewhere, log_meanwhile_of_start, stays_of
from index.search.target import OTHER_PLATE, Target
from index.search.travel import cannot_be_both
from index.store.archive import Archive
from index.store.catalogue import plates, sightings
from reid.arrays import Floats
from reid.plates.likelihood import text_llrs
from reid.plates.pattern_likelihood import pattern_llrs
from reid.vehicle import Plate

MARKS_SHOWN = 5

MOST_MARKS = 100
"""Of more marks no more are compared with each other, nor with the question."""


def doubts_of(bounded: BoundedQuestion, question: Question) -> tuple[Reason, ...]:
    """Return what of the marks *yes* of the case, and of the plates given, to look at."""
    gallery, confirmed = question.gallery, question.confirmed
    inside = sorted((one.id, row) for row, one in enumerate(gallery.sightings) if one.id in confirmed)
    left_out = confirmed - {id_ for id_, _ in inside} - gallery.asked_about - {question.target.sighting}
    read = _plates_of(bounded.archive, sorted(confirmed - {question.target.sighting}))
    others = _of_another_plate(question.target, read)
    found = (
        (LEFT_OUT, sorted(left_out)),
        (CONTRADICTING, _contradicting(question, inside[:MOST_MARKS])),
        (TOO_NEAR_THE_QUESTION, _too_near(question, inside[:MOST_MARKS])),
        (DIFFERENT_PLATES, _of_different_plates([one for one in read if one[0] not in others])),
        (OTHER_PLATE_THAN_ASKED, others),
    )
    said = [Reason(doubt.text, {"sightings": _named(bounded, ids)}) for doubt, ids in found if ids]
    said += [NOT_JOINED] if len(inside) > len(question.joined) else []
    said += [RULED_OUT] if bounded.marks.about_another else []
    return (*said, *_doubts_of_plates(question))


def doubts_of_way(bounded: BoundedQuestion, question: Question, way: Itinerary) -> tuple[Reason, ...]:
    """Return what of a way to look at: stops that one vehicle can only have made if a clock is wrong.

    Of two that are both confirmed a doubt about the marks says so.
    """
    if question.drives is None or len(way.stops) < 2:
        return ()
    epoch = question.gallery.epoch
    times_s = np.array([(stop.time - epoch).total_seconds() for stop in way.stops])
    too_near = cannot_be_both(question.drives, [stop.camera for stop in way.stops], times_s)
    confirmed = np.array([stop.sighting in question.confirmed for stop in way.stops])
    too_near &= ~(confirmed[:, None] & confirmed[None, :])
    ids = [way.stops[row].sighting for row in np.flatnonzero(too_near.any(axis=1)).tolist()]
    return (Reason(TOO_FAST_A_WAY.text, {"sightings": _named(bounded, ids)}),) if ids else ()


def _contradicting(question: Question, confirmed: Sequence[tuple[str, int]]) -> list[str]:
    """Return the confirmed sightings, each its id and row, that are too near in time to another for the drive."""
    if question.drives is None or len(confirmed) < 2:
        return []
    rows = [row for _, row in confirmed]
    cameras = [question.gallery.cameras[row] for row in rows]
    too_near = cannot_be_both(question.drives, cameras, question.gallery.time_s[rows])
    too_near |= excludes_elsewhere(question.drives, stays_of(question.drives, question.gallery, rows))
    return [id_ for (id_, _), others in zip(confirmed, too_near, strict=True) if others.any()]


def _too_near(question: Question, confirmed: Sequence[tuple[str, int]]) -> list[str]:
    """Return the confirmed sightings that are too near in time to the moment asked about, as far as that may be off."""
    start = question.start
    if question.drives is None or start is None or not confirmed:
        return []
    rows = [row for _, row in confirmed]
    elapsed_s = question.gallery.time_s[rows] - start.time_s
    farthest_s = np.where(elapsed_s < 0, elapsed_s - question.query.slack_s, elapsed_s + question.query.slack_s)
    cameras = [start.camera, *(question.gallery.cameras[row] for row in rows)]
    too_near = cannot_be_both(question.drives, cameras, np.array([0.0, *farthest_s]))[0, 1:]
    if not question.query.slack_s:
        elsewhere = np.array([camera != start.camera for camera in cameras[1:]])
        too_near |= elsewhere & (log_meanwhile_of_start(question)[rows] < HARDLY)
    return [id_ for (id_, _), is_near in zip(confirmed, too_near.tolist(), strict=True) if is_near]


def _plates_of(archive: Archive, confirmed: Sequence[str]) -> list[tuple[str, Plate]]:
    """Return the plates that were read of the first of some sightings."""
    with archive.catalogue.reading() as connection:
        read = plates.by_sighting(connection, confirmed[:MOST_MARKS])
    return [(id_, plate) for id_, plate in sorted(read.items()) if plate.characters]


def _of_different_plates(read: Sequence[tuple[str, Plate]]) -> list[str]:
    """Return the sightings whose plate was surely read as another one than that of any other of them."""
    against = [text_llrs(plate, [other for _, other in read]).min() < OTHER_PLATE for _, plate in read]
    return [id_ for (id_, _), differs in zip(read, against, strict=True) if differs]


def _of_another_plate(target: Target, read: Sequence[tuple[str, Plate]]) -> list[str]:
    """Return the sightings whose plate was surely read as another one than that of the vehicle asked about."""
    llrs = _llrs_with(target, [plate for _, plate in read])
    return [id_ for (id_, _), llr in zip(read, llrs.tolist(), strict=True) if llr < OTHER_PLATE]


def _llrs_with(target: Target, read: Sequence[Plate]) -> Floats:
    if target.pattern is not None:
        return pattern_llrs(target.pattern, read)
    if target.plate is not None and target.plate.characters:
        return text_llrs(target.plate, read)
    return np.full(len(read), np.nan)


def _doubts_of_plates(question: Question) -> list[Reason]:
    target = question.target
    plate = question.query.plate or (None if target.plate is None else target.plate.text)
    if not target.other_plates:
        return []
    more = len(target.other_plates) - MARKS_SHOWN
    others = ", ".join(target.other_plates[:MARKS_SHOWN]) + (f" (+{more})" if more > 0 else "")
    return [Reason(OTHER_PLATES.text, {"others": others, "plate": plate})]


def _named(bounded: BoundedQuestion, ids: Sequence[str]) -> NamedSightings:
    """Return the first of some sightings with camera and true time: nobody knows them by their ids."""
    first = ids[:MARKS_SHOWN]
    with bounded.archive.catalogue.reading() as connection:
        found = {one.id: (one.camera, one.best) for one in sightings.briefs(connection, first)}
    there = [id_ for id_ in first if id_ in found]
    times = bounded.scope.true_times([found[id_] for id_ in there])
    named = [NamedSighting(id_, found[id_][0], time) for id_, time in zip(there, times, strict=True)]
    gone = tuple(id_ for id_ in first if id_ not in found)
    return NamedSightings(tuple(named), gone, max(0, len(ids) - MARKS_SHOWN))
