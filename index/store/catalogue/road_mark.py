"""Remember which road map was imported last, so that another file in its place is noticed."""

from sqlalchemy import Connection

from index.store.catalogue.about import fact, put_fact
from index.store.catalogue.digests import digest_of, key_of

WHOLE = "whole road map"
ENDS = "roads"
"""The mark that archives of before have: it tells the ends and lengths of roads alone."""


def put(connection: Connection, whole: str) -> None:
    """Write the map that is about to be imported; stopped before its file is written, the next import mends it."""
    put_fact(connection, WHOLE, mark_of(connection, WHOLE, whole))


def is_known(connection: Connection, whole: str, ends: str) -> bool:
    """Return whether a map is the one that was imported last; where nothing is known of that, any is.

    `whole` is the hash of all of it, `ends` that of the ends and lengths of its roads.
    """
    kept, kept_before = fact(connection, WHOLE), fact(connection, ENDS)
    if kept is not None:
        return kept == mark_of(connection, WHOLE, whole)
    return kept_before is None or kept_before == mark_of(connection, ENDS, ends)


def mark_of(connection: Connection, kind: str, fingerprint: str) -> str:
    """Return the mark of a map with a hash, which nobody makes without the key."""
    return digest_of(key_of(connection), kind, fingerprint).hex()
