"""Gather what a report says: the sightings of a case with places, clocks and footage, its answer, models and audit."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from index.access import audit
from index.access.audit import ChainCheck, Entry
from index.access.cases import CaseFile, read_case
from index.access.permissions import Permission, require
from index.answers import Candidate
from index.casework.questions import AskedQuestion, QuestionAnswer, ask_again, chosen_question, questions_of
from index.ingest.file_identity import sha256_of
from index.records import Sighting
from index.search.question import SearchOptions
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, models, sightings
from index.store.catalogue import clocks as stored_clocks
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.cases import Mark
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from reid.errors import SeeingError
from reid.weights import list_weights

OPEN_SHOWN = 8
"""So many candidates that nobody has marked are in a report, and only those of `OPEN_PROBABILITY` or more."""

OPEN_PROBABILITY = 0.05

UNCHANGED, CHANGED, GONE, IMPORTED = "unchanged", "changed since it was ingested", "gone", "imported without footage"


@dataclass(frozen=True, slots=True)
class ContentOptions:
    """What goes into a report: the audit row of the question (None: the last), and whether footage is hashed again."""

    question: int | None = None
    search: SearchOptions = field(default_factory=SearchOptions)


@dataclass(frozen=True, slots=True)
class FootageState:
    """A file of footage, and whether it still is what was ingested."""

    footage: Footage
    state: str


@dataclass(frozen=True, slots=True)
class KnownClock:
    """How far a camera's clock was ahead, and who set it and in which audit row, where a person did."""

    offset: ClockOffset
    set_by: str | None = None
    audit_row: int | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A sighting in a report.

    `role` is "question", "yes", "unsure", "no" or "open"; one asked about and marked no is "no". `alone` is what
    the program says of it, not knowing any mark; `marked` what it says with them; None where it is not among the
    candidates. `shows_plate` tells whether its own plate may be shown: that of a vehicle which nobody has confirmed
    belongs to somebody else.
    """

    label: str
    role: str
    sighting: Sighting
    time: datetime
    camera: StoredCamera | None
    clock: KnownClock | None
    footage: FootageState | None
    mark: Mark | None
    alone: Candidate | None
    marked: Candidate | None
    shows_plate: bool

    @property
    def is_shown(self) -> bool:
        """Return whether its pictures are part of the report; those of vehicles that were ruled out are not."""
        return self.role != "no"


@dataclass(frozen=True, slots=True)
class UsedModel:
    """A network that took part, with the SHA-256 of its file and its licence where they are known."""

    id: str
    kind: str
    sha256: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class CaseContents:
    """All that a report says.

    `open_left_out` counts the candidates that nobody marked and that are not shown; `lost_marks` are on sightings that
    the archive no longer has; `clocks` are by camera, as they were at the first exhibit.
    """

    file: CaseFile
    person: str
    version: str
    archive: str
    questions: tuple[AskedQuestion, ...]
    answer: QuestionAnswer | None
    exhibits: tuple[Exhibit, ...]
    open_left_out: int
    lost_marks: tuple[Mark, ...]
    cameras: tuple[StoredCamera, ...]
    clocks: Mapping[str, KnownClock]
    footage: tuple[FootageState, ...]
    troubled_footage: tuple[Footage, ...]
    models: tuple[UsedModel, ...]


@dataclass(frozen=True, slots=True)
class CaseAudit:
    """The audit rows of a case, and the state of the whole chain."""

    entries: tuple[Entry, ...]
    chain: ChainCheck


def case_contents(archive: Archive, person: Person, number: str, options: ContentOptions) -> CaseContents:
    """Gather what is known of a case; its question is asked again, which the audit says."""
    require(archive, person, Permission.CASES)
    file = read_case(archive, person, number)
    asked = questions_of(archive, person, number)
    chosen = chosen_question(asked, options.question, file.case.closed_at)
    answer = None if chosen is None else ask_again(archive, person, chosen, options.search)
    chosen_ids, left_out = _chosen(file, answer)
    with archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, chosen_ids)
        stored = footage.listing(connection)
    states = _states(stored, found)
    clocks = _clocks(archive, person, found)
    exhibits = _exhibits(archive, file, answer, found, states, clocks)
    there = {sighting.id for sighting in found}
    return CaseContents(
        file=file,
        person=person.id,
        version=importlib.metadata.version("retrace"),
        archive=archive.id,
        questions=tuple(asked),
        answer=answer,
        exhibits=exhibits,
        open_left_out=left_out,
        lost_marks=tuple(mark for mark in file.marks if mark.sighting not in there),
        cameras=tuple(_cameras(archive)),
        clocks=_camera_clocks(archive, person, min((one.sighting.best for one in exhibits), default=None)),
        footage=tuple(states[id_] for id_ in sorted(states)),
        troubled_footage=tuple(film for film in stored if film.status in ("failed", "partial")),
        models=tuple(_models(archive)),
    )


def audit_of_case(archive: Archive, person: Person, number: str) -> CaseAudit:
    """Return the audit rows of a case, and whether the whole chain is unbroken."""
    return CaseAudit(tuple(audit.entries_of_case(archive, person, number)), audit.chain_state(archive, person))


def _chosen(file: CaseFile, answer: QuestionAnswer | None) -> tuple[list[str], int]:
    """Return the sightings of a report: asked about, marked, then open ones; and how many open ones are left out."""
    chosen = [mark.sighting for mark in file.marks]
    if answer is None:
        return chosen, 0
    asked = answer.asked.query
    if asked is not None and asked.sighting is not None:
        chosen = [asked.sighting, *(id_ for id_ in chosen if id_ != asked.sighting)]
    unmarked = [one for one in answer.marked.candidates if one.sighting.id not in chosen]
    shown = [one.sighting.id for one in unmarked if (one.probability or 0.0) >= OPEN_PROBABILITY][:OPEN_SHOWN]
    return [*chosen, *shown], len(unmarked) - len(shown)


def _exhibits(
    archive: Archive,
    file: CaseFile,
    answer: QuestionAnswer | None,
    found: Sequence[Sighting],
    states: Mapping[str, FootageState],
    clocks: Mapping[str, KnownClock],
) -> tuple[Exhibit, ...]:
    marks = {mark.sighting: mark for mark in file.marks}
    asked = answer.asked.query.sighting if answer is not None and answer.asked.query is not None else None
    alone = {} if answer is None else {one.sighting.id: one for one in answer.alone.candidates}
    marked = {} if answer is None else {one.sighting.id: one for one in answer.marked.candidates}
    unlabelled = [
        Exhibit(
            label="",
            role=role,
            sighting=sighting,
            time=time,
            camera=_camera_at(archive, sighting.camera, time),
            clock=clocks.get(sighting.id),
            footage=states.get(sighting.footage or ""),
            mark=marks.get(sighting.id),
            alone=alone.get(sighting.id),
            marked=marked.get(sighting.id),
            shows_plate=role in ("question", "yes", "unsure") or file.case.show_others is not None,
        )
        for sighting in found
        for role, time in [(_role(sighting.id, asked, marks), _true_time(sighting, clocks.get(sighting.id)))]
    ]
    return tuple(_labelled(unlabelled))


def _role(id_: str, asked: str | None, marks: Mapping[str, Mark]) -> str:
    """Return the role of a sighting: one that people ruled out concerns others, also where it was asked about."""
    if id_ == asked and not (id_ in marks and marks[id_].verdict == "no"):
        return "question"
    return marks[id_].verdict if id_ in marks else "open"


def _labelled(exhibits: Sequence[Exhibit]) -> list[Exhibit]:
    """Return the exhibits in the order of role and time, with labels E1, E2, ..."""
    roles = ("question", "yes", "unsure", "open", "no")
    ordered = sorted(exhibits, key=lambda one: (roles.index(one.role), one.time, one.sighting.id))
    return [replace(one, label=f"E{number}") for number, one in enumerate(ordered, start=1)]


def _true_time(sighting: Sighting, clock: KnownClock | None) -> datetime:
    return clock.offset.true_time(sighting.best) if clock else sighting.best


def _camera_at(archive: Archive, camera: str, time: datetime) -> StoredCamera | None:
    """Return where a camera stood at a true time; None where nobody knows."""
    with archive.catalogue.reading() as connection:
        return {stored.id: stored for stored in cameras.listing(connection, time)}.get(camera)


def _cameras(archive: Archive) -> list[StoredCamera]:
    with archive.catalogue.reading() as connection:
        return cameras.listing(connection)


def _clocks(archive: Archive, person: Person, found: Sequence[Sighting]) -> dict[str, KnownClock]:
    """Return the clock that held for each sighting, by sighting; who set it is in the audit."""
    rows = audit.entries_about(archive, person, ("set clock",))
    clocks: dict[str, KnownClock] = {}
    for sighting in found:
        with archive.catalogue.reading() as connection:
            offset = stored_clocks.offsets(connection, sighting.best).get(sighting.camera)
        if offset is not None:
            clocks[sighting.id] = _with_author(offset, rows)
    return clocks


def _camera_clocks(archive: Archive, person: Person, at: datetime | None) -> dict[str, KnownClock]:
    rows = audit.entries_about(archive, person, ("set clock",))
    with archive.catalogue.reading() as connection:
        known = stored_clocks.offsets(connection, at)
    return {camera: _with_author(known[camera], rows) for camera in sorted(known)}


def _with_author(offset: ClockOffset, rows: Sequence[Entry]) -> KnownClock:
    wanted = (offset.camera, offset.valid_from.isoformat(), offset.offset_s)
    said = [row for row in rows if tuple(row.detail.get(name) for name in ("camera", "since", "ahead_s")) == wanted]
    if offset.source != "given" or not said:
        return KnownClock(offset)
    return KnownClock(offset, said[-1].person, said[-1].number)


def _states(stored: Sequence[Footage], found: Sequence[Sighting]) -> dict[str, FootageState]:
    """Return the footage of the sightings by SHA-256, each file hashed again."""
    needed = {sighting.footage for sighting in found if sighting.footage is not None}
    return {film.id: FootageState(film, _state(film)) for film in stored if film.id in needed}


def _state(film: Footage) -> str:
    try:
        return UNCHANGED if sha256_of(Path(film.path)) == film.id else CHANGED
    except (OSError, SeeingError):
        return GONE


def _models(archive: Archive) -> list[UsedModel]:
    """Return the networks in use, each with the hash of its card where the catalogue has none."""
    cards = {weights.model_id: weights.card for weights in list_weights()}
    with archive.catalogue.reading() as connection:
        known = models.listing(connection)
    return [
        UsedModel(
            model.id,
            model.kind,
            model.sha256 or (cards[model.id].sha256 if model.id in cards else None),
            model.licence or (cards[model.id].licence if model.id in cards else None),
        )
        for model in known
    ]
