"""Set what a session of PostgreSQL depends on, whatever the server, the database or the account says of it.

Whoever may change an account can set what its sessions begin with: with `extra_float_digits = -15`, cameras stood
elsewhere, and every answer rested on that.
"""

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from index.errors import ArchiveError
from index.store.catalogue.digests import DIGEST_KEY, KEY_OPTION, NO_KEY, fingerprint
from index.store.catalogue.going_along import GOING_ALONG_SQL
from index.store.catalogue.tables import metadata

SETTINGS = {
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "array_nulls": "on",
    "bytea_output": "hex",
    "quote_all_identifiers": "off",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "default_transaction_deferrable": "off",
    "lock_timeout": "15min",
    "row_security": "off",
}
"""How texts are read and written: numbers whole, and each sign as itself; how long others are waited for, where a
session that somebody left open would be waited for without an end; and that a server which hides rows from this account
says so, at each reading, instead of giving the others."""

_SET = ", ".join(f"pg_catalog.set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())

_BEGIN = f"""
SELECT pg_catalog.current_setting('session_replication_role'),
       CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off'
            THEN pg_catalog.set_config('synchronous_commit', 'on', false) END,
       {_SET}
"""
"""An audit row is on the disk before its answer is shown, so commits wait for the disk."""

_SCHEMAS = """
SELECT pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ')
FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS name
"""

_LOOK_INTO = "SELECT pg_catalog.set_config('search_path', %s, false)"
"""A schema that is made later, as one with the name of the account, would come before that of the archive."""

_NOW = text(
    """
SELECT pg_catalog.current_setting('extra_float_digits') <> '1'
    OR pg_catalog.current_setting('row_security') <> 'off'
    OR pg_catalog.current_setting('synchronous_commit') = 'off',
    (SELECT value FROM about WHERE key = :key)
"""
)
"""Whether the session has lost what it began with, and which key the digests have by now."""

_CHANGES_ROWS = text(
    """
WITH own AS (
    SELECT c.oid, relname, relrowsecurity, relnamespace FROM unnest(CAST(:names AS text[])) AS name
    JOIN pg_class c ON c.oid = to_regclass(quote_ident(name))
)
SELECT relname FROM own WHERE relrowsecurity
UNION ALL SELECT relname FROM own JOIN pg_trigger ON tgrelid = own.oid WHERE NOT tgisinternal OR tgenabled <> 'O'
UNION ALL SELECT relname FROM own JOIN pg_rewrite ON ev_class = own.oid
UNION ALL SELECT relname FROM own WHERE relnamespace <> (SELECT relnamespace FROM own WHERE relname = 'audit')
UNION ALL SELECT relname FROM own JOIN GOING_ALONG AS along (child, parent) ON relname = child
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = own.oid AND contype = 'f' AND confdeltype = 'c'
          AND confrelid = to_regclass(quote_ident(parent)))
LIMIT 1
""".replace("GOING_ALONG", GOING_ALONG_SQL)
)

_REPLACES = text(
    """
WITH seen AS (SELECT oid FROM pg_namespace WHERE nspname = ANY(current_schemas(false)) AND nspname <> 'pg_catalog')
SELECT 'function ' || proname FROM pg_proc p
WHERE pronamespace IN (SELECT oid FROM seen)
  AND EXISTS (SELECT FROM pg_proc s WHERE s.pronamespace = 'pg_catalog'::regnamespace AND s.proname = p.proname)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'operator ' || oprname FROM pg_operator o
WHERE oprnamespace IN (SELECT oid FROM seen)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_operator'::regclass AND objid = o.oid AND deptype = 'e')
LIMIT 1
"""
)


def check_written(connection: Connection, name: str) -> None:
    """Refuse to commit what a table may have dropped or changed on its way: a server may get a trigger at any time.

    At the end of a transaction: what it wrote to gets none until it is committed. What was read on its way may not have
    been what it was taken for either: `_REPLACES`.
    """
    table = connection.execute(_CHANGES_ROWS, {"names": sorted(metadata.tables)}).scalar()
    if table is not None:
        raise ArchiveError(
            f"{name} has got a rule on the table {table!r}, lost one, or got another table of that name: nothing was "
            "written; ask whoever looks after the server"
        )
    replaced = connection.execute(_REPLACES).scalar()
    if replaced is not None:
        raise ArchiveError(
            f"{name} has got a {replaced} of its own, where the server's is meant: nothing was written; ask whoever "
            "looks after the server"
        )
    _check_session(connection, name)


def _check_session(connection: Connection, name: str) -> None:
    """Refuse to commit what was written in a session of somebody else, or with a key that the archive no longer has."""
    is_other, used = connection.execute(_NOW, {"key": DIGEST_KEY}).one()
    if is_other:
        raise ArchiveError(
            f"{name} is reached through a pool that changes sessions between transactions: nothing was written; "
            "let it keep them (PgBouncer: pool_mode = session), or leave it out"
        )
    key = connection.get_execution_options().get(KEY_OPTION, NO_KEY)
    if used is not None and key and used != fingerprint(key):
        raise ArchiveError(
            f"{name} has got a new key for its digests since it was opened: nothing was written; run the command, or "
            "start the page, again"
        )


def prepare_server(engine: Engine, name: str) -> None:
    """Let each session of an engine begin with the settings above; refuse one that deletes no rows along.

    All look into the schemas that the first one looks into.
    """
    paths: list[str] = []

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # Outside of a transaction: what is set inside of one is gone when it is rolled back.
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(_BEGIN)
        role = (cursor.fetchone() or ("unknown",))[0]
        if not paths:
            cursor.execute(_SCHEMAS)
            paths.extend(path for (path,) in cursor.fetchall() if path)
        if paths:
            cursor.execute(_LOOK_INTO, paths)
        cursor.close()
        connection.autocommit = False
        if role != "origin":
            connection.close()
            raise ArchiveError(
                f"{name} has session_replication_role = {role}: rows would outlive what they belong to; "
                "have it set to origin"
            )
