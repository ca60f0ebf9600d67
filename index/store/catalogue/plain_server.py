"""Refuse a database of PostgreSQL that computes, hides, drops or replaces rows by itself.

Whoever looks after the server, or may make tables there, could let a search leave no row in the audit, or sightings be
found by nobody.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from index.errors import ArchiveError
from index.store.catalogue.database import Catalogue
from index.store.catalogue.going_along import GOING_ALONG_SQL
from index.store.catalogue.tables import metadata

GO_WITH_OTHERS = frozenset({"chunks", "coverage", "plates", "shots", "vectors", "watch_hits", "plate_readings"})
"""Tables whose rows are deleted together with the sighting, footage or reading that they belong to."""

_NAMES = [*sorted(metadata.tables), "alembic_version"]

_SETTINGS = text("SELECT pg_catalog.current_schemas(true), pg_catalog.current_setting('server_encoding')")

_REPLACED = text(
    """
SELECT 'function ' || p.proname FROM pg_catalog.pg_proc p
WHERE p.pronamespace::regnamespace::text = ANY(CAST(:schemas AS text[]))
  AND EXISTS (SELECT FROM pg_catalog.pg_proc s
              WHERE s.pronamespace = 'pg_catalog'::regnamespace AND s.proname = p.proname)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'operator ' || o.oprname FROM pg_catalog.pg_operator o
WHERE o.oprnamespace::regnamespace::text = ANY(CAST(:schemas AS text[]))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')
"""
)
"""What may be taken for a function or operator of the server; extensions may have some."""

_FOUND = text(
    """
WITH own AS (
    SELECT c.* FROM pg_catalog.unnest(CAST(:names AS text[])) AS name
    JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident(name))
)
SELECT relname, 'kind', relkind::text || relpersistence::text FROM own
UNION ALL SELECT relname, 'row security', NULL FROM own WHERE relrowsecurity OR relforcerowsecurity
UNION ALL SELECT relname, 'other schema', relnamespace::regnamespace::text FROM own
    WHERE relnamespace <> (SELECT relnamespace FROM own WHERE relname = 'alembic_version')
UNION ALL SELECT relname, 'table that inherits', NULL FROM own
    JOIN pg_catalog.pg_inherits ON own.oid IN (inhparent, inhrelid)
UNION ALL SELECT relname, 'trigger', tgname::text FROM own JOIN pg_catalog.pg_trigger ON tgrelid = own.oid
    WHERE NOT tgisinternal OR tgenabled <> 'O'
UNION ALL SELECT relname, 'rule', rulename::text FROM own JOIN pg_catalog.pg_rewrite ON ev_class = own.oid
UNION ALL SELECT relname, 'column', attname::text FROM own
    JOIN pg_catalog.pg_attribute ON attrelid = own.oid AND attnum > 0 AND NOT attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = atttypid
    WHERE attgenerated <> '' OR t.typnamespace <> 'pg_catalog'::regnamespace
       OR attcollation::regcollation::text NOT IN ('-', '"default"', '"C"')
UNION ALL SELECT relname, 'default', pg_catalog.pg_get_expr(adbin, adrelid) FROM own
    JOIN pg_catalog.pg_attrdef ON adrelid = own.oid
UNION ALL SELECT child, 'lost', 'rows that are deleted with ' || parent
    FROM own JOIN GOING_ALONG AS along (child, parent) ON relname = child WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint con
        WHERE con.conrelid = own.oid AND con.contype = 'f' AND con.confdeltype = 'c'
          AND con.confrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(parent)))
UNION ALL SELECT relname, 'constraint', contype::text || ' ' || pg_catalog.pg_get_constraintdef(con.oid) FROM own
    JOIN pg_catalog.pg_constraint con ON conrelid = own.oid
UNION ALL SELECT relname, 'index', pg_catalog.pg_get_expr(indpred, indrelid) FROM own
    JOIN pg_catalog.pg_index i ON indrelid = own.oid
    WHERE indexprs IS NOT NULL OR indpred IS NOT NULL OR (indisunique AND NOT indisprimary)
       OR EXISTS (SELECT FROM pg_catalog.pg_opclass oc
                  WHERE oc.oid = ANY(i.indclass) AND oc.opcnamespace <> 'pg_catalog'::regnamespace)
""".replace("GOING_ALONG", GOING_ALONG_SQL)
)
"""What is on the tables of Retrace; what its own versions made is told apart below."""

_PLAIN = {
    "kind": re.compile("rp"),
    "default": re.compile(r"""'[\w.-]*'::[a-z ]+|-?\d+|nextval\('[\w."]+'::regclass\)"""),
    "constraint": re.compile(
        r"""p PRIMARY KEY \([\w", ]+\)"""
        r"""|c CHECK \(\("?\w+"? = ANY \(ARRAY\[('\w+'::text(, )?)+\]\)\)\)"""
        r"""|f FOREIGN KEY \("?\w+"?\) REFERENCES [\w."]+\("?\w+"?\)(?P<cascade> ON DELETE CASCADE)?"""
        # A later server lists what may not be null among the constraints.
        r"""|n NOT NULL "?\w+"?"""
    ),
    "index": re.compile(r"\(deleted_at IS( NOT)? NULL\)"),
}


def check_server(catalogue: Catalogue) -> None:
    """Refuse a server that would read names and texts otherwise than they were written."""
    with catalogue.reading() as connection:
        schemas, encoding = connection.execute(_SETTINGS).one()
        if encoding != "UTF8":
            raise ArchiveError(f"{catalogue.name} is in {encoding}: make a database with ENCODING 'UTF8' for all names")
        if not schemas or schemas[0] != "pg_catalog":
            raise ArchiveError(f"{catalogue.name} looks into {schemas[:1]} before its own schema: mend its search_path")
        replaced = connection.execute(_REPLACED, {"schemas": schemas[1:]}).scalar()
    if replaced is not None:
        raise ArchiveError(
            f"{catalogue.name} has a {replaced} of its own in {', '.join(schemas[1:])}, where the server's is meant: "
            "give Retrace a database in which nobody else may make any"
        )


def check_plain_server(catalogue: Catalogue) -> None:
    """Refuse tables with triggers, rules, row security, or anything else that no version of Retrace made."""
    check_server(catalogue)
    with catalogue.reading() as connection:
        found = next(_strange(connection), None)
    if found is not None:
        table, what = found
        raise ArchiveError(
            f"{catalogue.name} has a rule on the table {table!r}, which no archive has, or lacks one ({what}): "
            "ask whoever looks after the server, or restore a dump"
        )


def _strange(connection: Connection) -> Iterator[tuple[str, str]]:
    for table, kind, said in connection.execute(_FOUND, {"names": _NAMES}):
        known = _PLAIN[kind].fullmatch(said or "") if kind in _PLAIN else None
        takes_along = known is not None and known.groupdict().get("cascade") is not None
        if known is None or (takes_along and table not in GO_WITH_OTHERS):
            yield table, f"{kind}: {said}"[:120] if said else kind
