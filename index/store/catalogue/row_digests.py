"""Keep digests of the rows that nothing else covers: cameras, clocks, masks, footage, coverage, cases, accounts.

Rows that belong together have one digest, so that one that was added or taken away is noticed, too: all clocks of a
camera, all marks of a case. `KINDS` says which rows these are, and whose.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Select, and_, select, true, type_coerce
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from index.store.catalogue.columns import EPOCH, among, to_micros
from index.store.catalogue.database import batched
from index.store.catalogue.digests import digest_of, key_of, plain, plain_values
from index.store.catalogue.tables import (
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
    row_digests,
    travel_times,
)

ALL = ""
"""The owner of a whole table."""

_DAY_US = 86_400_000_000
LONGEST_BYTES = 4096
"""Longer ones, as of pictures, are hashed before they become part of what a digest is made of."""

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
    owners: Select[Any] | None
    owner: Callable[[Sequence[Any]], str]
    lasting: bool = True


def _joined(keys: Sequence[Any]) -> str:
    return " ".join(map(str, keys))


def _camera_and_day(keys: Sequence[Any]) -> str:
    return f"{keys[0]} {keys[1] // _DAY_US}"


def _firsts(owners: Owners) -> list[str]:
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
    return lambda owners: and_(among(of, _firsts(owners)), among(number, _numbers(owners)))


def _near_days(owners: Owners) -> ColumnElement[bool]:
    days = _numbers(owners) or [0]
    inside = type_coerce(coverage.c.start, BigInteger).between(days[0] * _DAY_US, (days[-1] + 1) * _DAY_US)
    return and_(among(coverage.c.camera, _firsts(owners)), inside, coverage.c.footage.is_(None))


_IMPORTED_STARTS = select(coverage.c.camera, type_coerce(coverage.c.start, BigInteger)).where(
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
    _IMPORTED_STARTS,
    _camera_and_day,
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
    *(CAMERAS, *OF_CAMERA, FOOTAGE, CHUNKS, IMPORTED),
    *(CASES, *OF_CASE, PEOPLE, MODELS, CALIBRATIONS, TRAVEL_TIMES),
)
"""What is covered; a new column changes no digest while it is null, another change of columns, or of rows by a
migration, needs `make_all`."""


@contextmanager
def renewed(connection: Connection, kind: Kind, owners: Iterable[str] = (ALL,)) -> Iterator[None]:
    """Make digests anew after a change of rows; those that were damaged before stay so."""
    owners = sorted(set(owners))
    whole = [owner for part in batched(owners) for owner in sorted(_whole(connection, kind, part, lock=True))]
    yield
    renew(connection, kind, whole)


def renew(connection: Connection, kind: Kind, owners: Iterable[str] = (ALL,)) -> None:
    """Make the digests of owners that are new, or all of whose rows were just written."""
    for part in batched(sorted(set(owners))):
        made = _made(connection, kind, part)
        _put(connection, [{"kind": kind.name, "owner": owner, "digest": made[owner]} for owner in part])


def forget(connection: Connection, kind: Kind, owners: Iterable[str]) -> None:
    """Delete the digests of owners that are deleted themselves."""
    for part in batched(sorted(set(owners))):
        of_these = (row_digests.c.kind == kind.name, among(row_digests.c.owner, part))
        connection.execute(row_digests.delete().where(*of_these))


def damaged(connection: Connection) -> Iterator[tuple[Kind, str]]:
    """Yield the kinds and owners whose rows are not as they were written."""
    for kind in KINDS:
        stored = set(connection.execute(select(row_digests.c.owner).where(row_digests.c.kind == kind.name)).scalars())
        for part in batched(sorted(_needed(connection, kind) | stored)):
            whole = _whole(connection, kind, part)
            yield from ((kind, owner) for owner in part if owner not in whole)


def make_all(connection: Connection, *, but: Iterable[tuple[Kind, str]] = ()) -> None:
    """Make every digest from what is stored now, but those of some kinds and owners."""
    left_out = {(kind.name, owner) for kind, owner in but}
    for kind in KINDS:
        renew(connection, kind, (one for one in _needed(connection, kind) if (kind.name, one) not in left_out))


def chunk_owner(footage_id: str, number: int) -> str:
    """Return the owner of a chunk and its coverage."""
    return _joined((footage_id, number))


def line(kind: Kind, owner: str) -> str:
    """Return the beginning of a line for a person: whose rows of what kind they are."""
    if kind is IMPORTED and (day := _numbers([owner])):
        camera = owner.rpartition(" ")[0]
        owner = f"{camera} on {_LAST_DAY if day[0] > _DAYS else (EPOCH + timedelta(days=day[0])).date()}"
    return kind.line.format(owner)


def imported_owner(camera: str, start: datetime) -> str:
    """Return the owner of the imported coverage of a camera and day."""
    return _camera_and_day((camera, to_micros(start)))


def coverage_owners(connection: Connection, *which: ColumnElement[bool]) -> tuple[set[str], set[str]]:
    """Return the chunks, and the imported days, of the coverage for which some conditions hold."""
    of_chunks = select(coverage.c.footage, coverage.c.chunk).where(coverage.c.footage.is_not(None), *which).distinct()
    of_days = _IMPORTED_STARTS.where(*which).distinct()
    return (
        {CHUNKS.owner(row) for row in connection.execute(of_chunks)},
        {IMPORTED.owner(row) for row in connection.execute(of_days)},
    )


@contextmanager
def renewed_coverage(connection: Connection, *which: ColumnElement[bool]) -> Iterator[None]:
    """Make the digests of coverage anew after a change of what fits some conditions; days of imports may vanish."""
    of_chunks, days = coverage_owners(connection, *which)
    with renewed(connection, CHUNKS, of_chunks), renewed(connection, IMPORTED, days):
        yield
    left = coverage_owners(connection, among(coverage.c.camera, _firsts(sorted(days))))[1] if days else set()
    forget(connection, IMPORTED, days - left)


def _whole(connection: Connection, kind: Kind, owners: Owners, *, lock: bool = False) -> set[str]:
    """Return the owners whose rows are as they were written, or who are new; `lock`: others wait to change them."""
    # The digests first: whoever waited for another writer then sees its rows, too.
    kept = select(row_digests.c.owner, row_digests.c.digest).where(
        row_digests.c.kind == kind.name, among(row_digests.c.owner, owners)
    )
    rows = connection.execute(kept.order_by(row_digests.c.owner).with_for_update() if lock else kept)
    stored = {row.owner: bytes(row.digest) for row in rows}
    made = _made(connection, kind, owners)
    new = set() if kind.lasting else {owner for owner in owners if made[owner] == _digest(connection, kind, owner)}
    return {owner for owner in owners if stored.get(owner) == made[owner] or (owner in new and owner not in stored)}


def _needed(connection: Connection, kind: Kind) -> set[str]:
    """Return the owners who must have a digest."""
    if kind.owners is None:
        return {ALL}
    return {kind.owner(row) for row in connection.execute(kind.owners)}


def _made(connection: Connection, kind: Kind, owners: Owners) -> dict[str, bytes]:
    """Return the digest of each owner, of what is stored now."""
    parts: dict[str, list[list[str]]] = {owner: [[] for _ in kind.rows] for owner in owners}
    for place, rows in enumerate(kind.rows):
        for owner, row in _stored(connection, kind, rows, owners):
            if owner in parts:
                parts[owner][place].append(row)
    return {owner: _digest(connection, kind, owner, found) for owner, found in parts.items()}


def _digest(connection: Connection, kind: Kind, owner: str, found: Sequence[Sequence[str]] = ()) -> bytes:
    return digest_of(key_of(connection), kind.name, owner, *(sorted(rows) for rows in found if rows))


def _stored(connection: Connection, kind: Kind, rows: Rows, owners: Owners) -> Iterator[tuple[str, str]]:
    """Yield whose each row is, and its values as text; those that are null are left out."""
    asked = select(*rows.keys, *(plain(column) for column in rows.columns)).where(rows.near(owners))
    found = connection.execute(asked).all()
    first = len(rows.keys)
    values = [
        plain_values(column, [row[place] for row in found]) for place, column in enumerate(rows.columns, start=first)
    ]
    for row, own in zip(found, zip(*values, strict=True), strict=True):
        named = zip(rows.columns, own, strict=True)
        yield kind.owner(row[:first]), ascii([(c.name, _short(value)) for c, value in named if value is not None])


def _short(value: Any) -> Any:
    """Return a value, of long bytes their hash."""
    long = isinstance(value, bytes) and len(value) > LONGEST_BYTES
    return hashlib.blake2b(value).digest() if long else value


def _put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    insert: Any = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    new = insert(row_digests)
    put = new.on_conflict_do_update(
        index_elements=[row_digests.c.kind, row_digests.c.owner], set_={"digest": new.excluded.digest}
    )
    connection.execute(put, list(rows))
