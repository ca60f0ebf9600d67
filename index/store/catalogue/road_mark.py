"""Remember which road map was imported last, so that another file in its place is noticed."""

from sqlalchemy import Connection

from index.store.catalogue.about import fact, put_fact
from index.store.catalogue.digests import digest_of, key_of

_ROADS = "roads"


def put(connection: Connection, fingerprint: str) -> None:
    """Write the map that is about to be imported; stopped before its file is written, the next import mends it."""
    put_fact(connection, _ROADS, _mark(connection, fingerprint))


def is_known(connection: Connection, fingerprint: str) -> bool:
    """Return whether a map is the one that was imported last; of archives of before, nothing is known, and any is."""
    kept = fact(connection, _ROADS)
    return kept is None or kept == _mark(connection, fingerprint)


def _mark(connection: Connection, fingerprint: str) -> str:
    return digest_of(key_of(connection), _ROADS, fingerprint).hex()
