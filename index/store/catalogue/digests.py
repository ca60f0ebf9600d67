"""Make keyed digests of stored rows, from values as the database holds them, the same on SQLite and on PostgreSQL."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Float, LargeBinary, type_coerce
from sqlalchemy.types import TypeDecorator, TypeEngine

from index.errors import ArchiveError
from index.store.catalogue.about import fact

DIGEST_BYTES = 8
"""Enough to notice an edit; without the key, one guess in 2^64 is right."""

KEY_OPTION = "retrace_digest_key"
"""The option of a connection that holds the key of its archive; None where that is gone."""

NO_KEY = b""
"""The key of a catalogue that belongs to no archive, and of digests before schema 0013."""


DIGEST_KEY = "digest key"
"""The fact that tells the key of the digests from any other, and says nothing else of it."""


class DigestKeyError(ArchiveError):
    """Rows are to be written, and the key of their digests is gone."""


def key_of(connection: Connection) -> bytes:
    """Return the key with which digests are made here; refuse to make any where it is gone."""
    key = connection.get_execution_options().get(KEY_OPTION, NO_KEY)
    if key is None:
        raise DigestKeyError(
            "digest.key of this archive is gone or that of another: restore it from a backup, or make a new one: "
            "retrace rebuild --new-key"
        )
    return bytes(key)


def is_key(connection: Connection, key: bytes) -> bool:
    """Return whether the digests of this catalogue were made with a key."""
    return fact(connection, DIGEST_KEY) == fingerprint(key)


def digest_of(key: bytes, *parts: object) -> bytes:
    """Return the digest of plain values: numbers, texts, bytes, None, and tuples and lists of them."""
    # Unlike repr, ascii writes the same text with every version of Unicode.
    return hashlib.blake2b(ascii(parts).encode(), digest_size=DIGEST_BYTES, key=key).digest()


def fingerprint(key: bytes) -> str:
    """Return what may be known of a key: whether another one equals it."""
    return hashlib.blake2b(b"retrace", digest_size=DIGEST_BYTES, key=key).hexdigest()


def plain(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column whose values come as the database holds them."""
    return type_coerce(column, plain_type(column)).label(column.name)


def plain_type(column: Column[Any]) -> TypeEngine[Any]:
    """Return the type of what the database holds."""
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def plain_values(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    """Return values of a column as Python's own numbers, texts or bytes, equal whichever database held them."""
    kind = plain_type(column)
    if isinstance(kind, Float):
        return [_number(value) for value in values]
    if isinstance(kind, LargeBinary):
        return [None if value is None else bytes(value) for value in values]
    return values


def _number(value: float | None) -> float | None:
    """Return a number as SQLite gives it back: no minus zero, and nothing for what is none; an edited text as it is."""
    if value is None or value != value:
        return None
    return float(value) + 0.0 if isinstance(value, (int, float)) else value
