"""Move all digests of a catalogue to another key: when digests get one, and when it was lost or became known."""

from sqlalchemy import Connection

from index.store.catalogue import row_digests, sighting_digests, vectors
from index.store.catalogue.about import put_fact
from index.store.catalogue.digest_kinds import Kind
from index.store.catalogue.digests import DIGEST_KEY, KEY_OPTION, NO_KEY, fingerprint
from index.store.catalogue.table_locks import lock_tables
from index.store.catalogue.tables import audit, audit_head, metadata


def rekey(connection: Connection, old: bytes | None, new: bytes) -> None:
    """Make every digest with a new key; what was damaged by the `old` one stays damaged; None: nothing was.

    Others are waited for, and wait: what they write with the old key afterwards is refused when they commit it.
    """
    lock_tables(connection, (table for table in metadata.sorted_tables if table not in (audit, audit_head)))
    _use(connection, old)
    known = old is not None
    of_sightings = set(sighting_digests.damaged(connection)) if known else set()
    of_vectors = set(vectors.damaged(connection)) if known else set()
    of_rows = list(row_digests.damaged(connection)) if known else []
    _make(connection, new, of_sightings, of_vectors, of_rows)


def add_key(connection: Connection, key: bytes) -> None:
    """Make digests with a key for a catalogue of before schema 0013, whose digests had none and covered less."""
    of_sightings = set(sighting_digests.damaged(connection))
    _make(connection, key, of_sightings, set(vectors.damaged_without_key(connection)), [])


def without_key(connection: Connection) -> None:
    """Let digests be made as before schema 0013, as older migrations do."""
    _use(connection, NO_KEY)


def _make(
    connection: Connection,
    key: bytes,
    of_sightings: set[str],
    of_vectors: set[tuple[str, str]],
    of_rows: list[tuple[Kind, str]],
) -> None:
    """Make every digest, but those of what is damaged."""
    _use(connection, key)
    sighting_digests.make_all(connection, but=of_sightings)
    vectors.make_digests(connection, but=of_vectors)
    row_digests.make_all(connection, but=of_rows)
    put_fact(connection, DIGEST_KEY, fingerprint(key))


def _use(connection: Connection, key: bytes | None) -> None:
    connection.execution_options(**{KEY_OPTION: key})
