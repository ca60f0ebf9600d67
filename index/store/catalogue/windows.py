"""Hand the windows of a question to the database as rows, so that it looks up each by camera and time itself."""

import json
from collections.abc import Iterable

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    Text,
    bindparam,
    column,
    func,
    select,
    type_coerce,
)

from index.records import Window
from index.store.catalogue.columns import time_spans
from index.store.catalogue.tables import sightings


def window_rows(connection: Connection, windows: Iterable[Window]) -> Subquery:
    """Return the windows as rows of camera, first and last; the times are microseconds, both included."""
    rows = [(camera, first, last) for camera, spans in time_spans(windows).items() for first, last in spans]
    if connection.dialect.name == "sqlite":
        each = func.json_each(json.dumps(rows)).table_valued("value")
        parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(3)]
        named = zip(parts, ("camera", "first", "last"), strict=True)
        return select(*(part.label(name) for part, name in named)).subquery("windows")
    cameras, firsts, lasts = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [
        bindparam(None, list(values), type_=ARRAY(kind))
        for values, kind in ((cameras, Text()), (firsts, BigInteger()), (lasts, BigInteger()))
    ]
    each = func.unnest(*arrays).table_valued(
        column("camera", Text()), column("first", BigInteger()), column("last", BigInteger())
    )
    return select(*each.render_derived().c).subquery("windows")


def lies_in(windows: Subquery) -> ColumnElement[bool]:
    """Return the condition that a sighting lies in the window of the same row."""
    best = type_coerce(sightings.c.best, BigInteger)
    return (sightings.c.camera == windows.c.camera) & best.between(windows.c.first, windows.c.last)
