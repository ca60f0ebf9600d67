"""Say which rows have one digest, whose they are, and how a person names them.

They are those that nothing else covers: cameras, clocks, masks, footage, coverage, what may not come again, cases,
accounts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, CompoundSelect, Select, and_, func, select, true, type_coerce

from index.store.catalogue.columns import EPOCH, among, to_micros
from index.store.catalogue.tables import (
    about,
    calibrations,
    camera_masks,
    camera_places,
    camera_totals,
    cameras,
    cases,
    chunks,
    clock_offsets,
    coverage,
    footage,
    marks,
    models,
    notes,
    people,
    question_pictures,
    refused,
    travel_times,
)

ALL = ""
"""The owner of a whole table."""

NO_FOOTAGE = ""
"""The owner of refused sightings that no footage shows: they were imported."""

REFUSED_UNTIL = "refused until second: "
"""How facts about the refused beginning of footage are called, before its id."""

_DAY_US = 86_400_000_000
_DIGITS = 9
_DAYS = 2_932_896
_LAST_DAY = "a day after the year 9999"

Owners = Sequence[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table by their owner: `keys` say whose a row is, `near` finds those of some owners by an index."""

    columns: tuple[Column[Any], ...]
    keys: tuple[ColumnElement[Any], ...]
    near: Callable[[Owners], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What one digest covers; `line` names it to a person, `owner` makes an owner of what `owners` selects.

    `lasting`: each of the owners has a digest even while no row is theirs.
    """

    name: str
    line: str
    rows: tuple[Rows, ...]
    owners: Select[Any] | CompoundSelect[Any] | None
    owner: Callable[[Sequence[Any]], str]
    lasting: bool = True


def _joined(keys: Sequence[Any]) -> str:
    return " ".join(map(str, keys))


def _camera_and_day(keys: Sequence[Any]) -> str:
    return f"{keys[0]} {keys[1] // _DAY_US}"


def firsts(owners: Owners) -> list[str]:
    """Return the owners without their last word, which is a number."""
    return sorted({owner.rpartition(" ")[0] for owner in owners})


def _numbers(owners: Owners) -> list[int]:
    """Return the last words of owners; of an owner that somebody made up, nothing."""
    words = {owner.rpartition(" ")[2] for owner in owners}
    return sorted({int(word) for word in words if word.isdecimal() and len(word) <= _DIGITS})


def _all_but(table: Any, *left_out: str) -> tuple[Column[Any], ...]:
    return tuple(column for column in table.columns if column.name not in left_out)


def _of_table(name: str, table: Any, line: str) -> Kind:
    """Return the kind of a small table that has one digest for all of its rows."""
    return Kind(name, line, (Rows(_all_but(table), (), lambda owners: true()),), None, lambda keys: ALL)


def _of_owner(name: str, column: Column[Any], owner: Column[Any], line: str) -> Kind:
    """Return the kind of all rows of a table that name one owner, who has a digest even without any."""
    rows = Rows(_all_but(column.table), (column,), lambda owners: among(column, owners))
    return Kind(name, line, (rows,), select(owner), _joined)


def _near_chunks(of: Any, number: Any) -> Callable[[Owners], ColumnElement[bool]]:
    return lambda owners: and_(among(of, firsts(owners)), among(number, _numbers(owners)))


def _near_days(owners: Owners) -> ColumnElement[bool]:
    days = _numbers(owners) or [0]
    inside = type_coerce(coverage.c.start, BigInteger).between(days[0] * _DAY_US, (days[-1] + 1) * _DAY_US)
    return and_(among(coverage.c.camera, firsts(owners)), inside, coverage.c.footage.is_(None))


IMPORTED_STARTS = select(coverage.c.camera, type_coerce(coverage.c.start, BigInteger)).where(
    coverage.c.footage.is_(None)
)

CAMERAS = _of_table("cameras", cameras, "the list of cameras was")
PLACES = _of_owner("places", camera_places.c.camera, cameras.c.id, "camera {}: its places were")
MASKS = _of_owner("masks", camera_masks.c.camera, cameras.c.id, "camera {}: its masks were")
CLOCKS = _of_owner("clocks", clock_offsets.c.camera, cameras.c.id, "camera {}: what is known of its clock was")
TOTALS = _of_owner("totals", camera_totals.c.camera, cameras.c.id, "camera {}: the number of its sightings was")
FOOTAGE = Kind(
    "footage",
    "footage {}: its row, or the list of its chunks, was",
    (
        Rows(_all_but(footage), (footage.c.id,), lambda owners: among(footage.c.id, owners)),
        Rows((chunks.c.number,), (chunks.c.footage,), lambda owners: among(chunks.c.footage, owners)),
    ),
    select(footage.c.id),
    _joined,
)
CHUNKS = Kind(
    "chunks",
    "footage {}: what was found in this chunk, its scene or its coverage was",
    (
        Rows(
            # Who is working on a chunk changes all the time, and says nothing of what was seen.
            _all_but(chunks, "worker", "claimed_at"),
            (chunks.c.footage, chunks.c.number),
            lambda owners: and_(_near_chunks(chunks.c.footage, chunks.c.number)(owners), chunks.c.done_at.is_not(None)),
        ),
        Rows(
            _all_but(coverage, "id"),
            (coverage.c.footage, coverage.c.chunk),
            _near_chunks(coverage.c.footage, coverage.c.chunk),
        ),
    ),
    select(chunks.c.footage, chunks.c.number).where(chunks.c.done_at.is_not(None)),
    _joined,
)
IMPORTED = Kind(
    "imported coverage",
    "camera {}: what an import said to be covered was",
    (Rows(_all_but(coverage, "id"), (coverage.c.camera, type_coerce(coverage.c.start, BigInteger)), _near_days),),
    IMPORTED_STARTS,
    _camera_and_day,
    lasting=False,
)
_REFUSED_OF = func.coalesce(refused.c.footage, NO_FOOTAGE)
REFUSED = Kind(
    "refused",
    "{}: what may not come again was",
    (
        Rows((refused.c.id, refused.c.at), (_REFUSED_OF,), lambda owners: among(_REFUSED_OF, owners)),
        Rows((about.c.value,), (about.c.key,), lambda owners: among(about.c.key, [REFUSED_UNTIL + o for o in owners])),
    ),
    select(_REFUSED_OF).union(select(about.c.key).where(about.c.key.startswith(REFUSED_UNTIL))),
    lambda keys: str(keys[0]).removeprefix(REFUSED_UNTIL),
    lasting=False,
)
CASES = _of_table("cases", cases, "the list of cases was")
MARKS = _of_owner("marks", marks.c.case, cases.c.id, "case {}: its marks were")
NOTES = _of_owner("notes", notes.c.case, cases.c.id, "case {}: its notes were")
PICTURES = _of_owner("pictures", question_pictures.c.case, cases.c.id, "case {}: the pictures asked with were")
PEOPLE = _of_table("people", people, "the list of accounts was")
MODELS = _of_table("models", models, "the list of models was")
CALIBRATIONS = _of_table("calibrations", calibrations, "the list of calibrations was")
TRAVEL_TIMES = _of_table("travel times", travel_times, "the list of learned travel times was")

OF_CAMERA = (PLACES, MASKS, CLOCKS, TOTALS)
OF_CASE = (MARKS, NOTES, PICTURES)
KINDS = (
    *(CAMERAS, *OF_CAMERA, FOOTAGE, CHUNKS, IMPORTED, REFUSED),
    *(CASES, *OF_CASE, PEOPLE, MODELS, CALIBRATIONS, TRAVEL_TIMES),
)
"""What is covered; a new column changes no digest while it is null, another change of columns, or of rows by a
migration, needs `row_digests.make_all`."""


def chunk_owner(footage_id: str, number: int) -> str:
    """Return the owner of a chunk and its coverage."""
    return _joined((footage_id, number))


def line(kind: Kind, owner: str) -> str:
    """Return the beginning of a line for a person: whose rows of what kind they are."""
    if kind is IMPORTED and (day := _numbers([owner])):
        camera = owner.rpartition(" ")[0]
        owner = f"{camera} on {_LAST_DAY if day[0] > _DAYS else (EPOCH + timedelta(days=day[0])).date()}"
    if kind is REFUSED:
        owner = "imported sightings" if owner == NO_FOOTAGE else f"footage {owner}"
    return kind.line.format(owner)


def imported_owner(camera: str, start: datetime) -> str:
    """Return the owner of the imported coverage of a camera and day."""
    return _camera_and_day((camera, to_micros(start)))
