"""Say how times, probabilities and hashes lie in a column, the same in every database."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_DECODER = json.JSONDecoder()
_FLOAT_DECODER = json.JSONDecoder(parse_int=float)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(time: datetime) -> int:
    """Return microseconds of UTC since 1970; integers compare alike in SQLite, PostgreSQL and vector segments."""
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no zone: make it aware before it is stored")
    since = time - _EPOCH
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of `micros`."""
    return _EPOCH + timedelta(microseconds=micros)


def compact_json(value: object) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces."""
    return _ENCODER.encode(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, kept as integer microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store a time."""
        return _micros(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """Store times without the two calls that SQLAlchemy puts around each."""
        return _micros

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give a time back."""
        return _time(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], datetime | None]:
        """Give times back without the two calls that SQLAlchemy puts around each."""
        return _time


class JsonText(TypeDecorator[Any]):
    """A plain value as canonical JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Store a value."""
        return None if value is None else compact_json(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        """Give a value back."""
        return _value(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], Any | None]:
        """Give values back without the two calls that SQLAlchemy puts around each."""
        return _value


class Probabilities(TypeDecorator[Mapping[str, float]]):
    """A probability by name, as JSON text to six digits; written by hand because each sighting has two."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, float] | None, dialect: Dialect) -> str | None:
        """Store probabilities."""
        if value is None:
            return None
        if not math.isfinite(sum(value.values())):
            raise ValueError(f"{dict(value)} holds what is no probability: each must be a number from 0 to 1")
        return "{" + ",".join([f"{_quoted(name)}:{share:.6g}" for name, share in value.items()]) + "}"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, float] | None:
        """Give probabilities back."""
        return _probabilities(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any | None], dict[str, float] | None]:
        """Give probabilities back without the two calls that SQLAlchemy puts around each."""
        return _probabilities


class HexDigest(TypeDecorator[str]):
    """A hash, hexadecimal outside and bytes inside."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Store a hash."""
        return _bytes(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], bytes | None]:
        """Store hashes without the two calls that SQLAlchemy puts around each."""
        return _bytes

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Give a hash back."""
        return None if value is None else bytes(value).hex()


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


@lru_cache
def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
