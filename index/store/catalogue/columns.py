"""Define the column types of the catalogue, and what each kind of database says in its own words."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    LargeBinary,
    Table,
    Text,
    bindparam,
)
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from reid.vehicle import VEHICLE_TYPES, Box, TrackPoint

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Times are stored as microseconds since then."""

MICROSECOND = timedelta(microseconds=1)

Value = TypeVar("Value", str, int)

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_DECODER = json.JSONDecoder()
_FLOAT_DECODER = json.JSONDecoder(parse_int=float)

_TRACK_LABELS = (None, *VEHICLE_TYPES, "bicycle")
_NUMBER_OF_LABEL = {label: number for number, label in enumerate(_TRACK_LABELS)}
_TRACK_POINT = np.dtype(
    [("frame", "<i4"), ("time_s", "<f8"), ("box", "<f4", (4,)), ("score", "<f4"), ("label", "u1")],
)


def among(column: Column[Any] | ColumnElement[Any], values: Iterable[Value]) -> ColumnElement[bool]:
    """Return the condition that the column has one of the values, which are sent to the database as one variable.

    One variable per value would be slower: for 500 values, writing and parsing the statement takes longer than
    finding the rows.
    """
    return _Among(column, bindparam(None, list(values), type_=_ValueList(column.type)))


def upsert(connection: Connection, table: Table) -> Any:
    """Return an insert into a table that takes `on_conflict_...`; only beside a server its dialect is loaded."""
    if connection.dialect.name != "postgresql":
        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table)


def to_micros(time: datetime) -> int:
    """Return microseconds of UTC since 1970; integers compare alike in SQLite, PostgreSQL and vector segments."""
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no zone: make it aware before it is stored")
    return (time - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of `micros`; ValueError for one that somebody edited beyond the calendar."""
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        # Not told apart else from a number that is too large to be stored.
        raise ValueError(f"{micros} microseconds since 1970 lie beyond the calendar") from None


def compact_json(value: object) -> str:
    """Return the canonical JSON text of a value: keys sorted, no spaces."""
    return _ENCODER.encode(value)


def json_values(texts: Sequence[str]) -> list[Any]:
    """Decode the stored text of many `JsonText` columns in one call."""
    values: list[Any] = _DECODER.decode(f"[{','.join(texts)}]")
    return values


def probability_maps(texts: Sequence[str]) -> list[dict[str, float]]:
    """Decode the stored text of many `Probabilities` columns in one call."""
    maps: list[dict[str, float]] = _FLOAT_DECODER.decode(f"[{','.join(texts)}]")
    return maps


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, stored as integer microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Convert a time to its stored form."""
        return _micros(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """Return the conversion itself: SQLAlchemy's default wraps each value in two more calls."""
        return _micros

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Convert stored microseconds to a time."""
        return _time(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], datetime | None]:
        """Return the conversion itself, as in `bind_processor`."""
        return _time


class JsonText(TypeDecorator[Any]):
    """A plain value, stored as canonical JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Convert a value to its stored form."""
        return None if value is None else compact_json(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        """Convert stored text to a value."""
        return _value(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], Any | None]:
        """Return the conversion itself: SQLAlchemy's default wraps each value in two more calls."""
        return _value


class Probabilities(TypeDecorator[Mapping[str, float]]):
    """Probabilities by name, stored as JSON text to six digits.

    The text is composed by hand, not by the JSON encoder, for speed: each sighting has two of them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, float] | None, dialect: Dialect) -> str | None:
        """Convert probabilities to their stored form."""
        if value is None:
            return None
        if not math.isfinite(sum(value.values())):
            raise ValueError(f"{dict(value)} holds what is no probability: each must be a number from 0 to 1")
        return "{" + ",".join([f"{_quoted(name)}:{share:.6g}" for name, share in value.items()]) + "}"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, float] | None:
        """Convert stored text to probabilities."""
        return _probabilities(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], dict[str, float] | None]:
        """Return the conversion itself: SQLAlchemy's default wraps each value in two more calls."""
        return _probabilities


class HexDigest(TypeDecorator[str]):
    """A hash, hexadecimal in Python and bytes in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Convert a hash to its stored form."""
        return _bytes(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], bytes | None]:
        """Return the conversion itself: SQLAlchemy's default wraps each value in two more calls."""
        return _bytes

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Convert stored bytes to a hash."""
        return None if value is None else bytes(value).hex()


class TrackPoints(TypeDecorator[Sequence[TrackPoint]]):
    """The points of a track, stored as 33 bytes each; no points are stored as null."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Sequence[TrackPoint] | None, dialect: Dialect) -> bytes | None:
        """Convert the points to their stored form."""
        return _packed(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Sequence[TrackPoint] | None], bytes | None]:
        """Return the conversion itself, whose bytes every driver takes."""
        return _packed

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[TrackPoint, ...]:
        """Convert stored bytes to the points."""
        if value is None:
            return ()
        packed = np.frombuffer(value, _TRACK_POINT)
        columns = [packed[name].tolist() for name in ("frame", "time_s", "box", "score", "label")]
        return tuple(
            TrackPoint(frame=frame, time_s=time_s, box=Box(*box), score=score, label=_TRACK_LABELS[label])
            for frame, time_s, box, score, label in zip(*columns, strict=True)
        )


class _Among(FunctionElement[bool]):
    """A column and the list of values to look for in it."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "_Among":
        """Stay unchanged: SQLAlchemy would compare the condition with 1, and SQLite would then scan the whole table."""
        return self


class _ValueList(TypeDecorator[list[Any]]):
    """A list of values: an array where the database has arrays, JSON text in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


@compiles(_Among, "sqlite")
def _in_json(condition: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in condition.clauses)
    # Both are compiled: the name of a column and a placeholder.
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _in_array(condition: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in condition.clauses)
    return f"{column} = ANY({values})"


def _micros(time: datetime | None) -> int | None:
    return None if time is None else to_micros(time)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _value(text: str | None) -> Any | None:
    return None if text is None else _DECODER.decode(text)


def _probabilities(text: str | None) -> dict[str, float] | None:
    return None if text is None else _FLOAT_DECODER.decode(text)


def _bytes(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def _packed(points: Sequence[TrackPoint] | None) -> bytes | None:
    if not points:
        return None
    packed = np.empty(len(points), _TRACK_POINT)
    packed["frame"] = [point.frame for point in points]
    packed["time_s"] = [point.time_s for point in points]
    packed["box"] = [(point.box.x, point.box.y, point.box.width, point.box.height) for point in points]
    packed["score"] = [point.score for point in points]
    packed["label"] = [_NUMBER_OF_LABEL[point.label] for point in points]
    return packed.tobytes()


@lru_cache
def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
