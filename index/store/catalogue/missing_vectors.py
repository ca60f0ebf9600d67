"""Tell whether sightings have no vector of a model, so that nobody can say how similar they are."""

from collections.abc import Iterable

from sqlalchemy import Connection, exists, func, or_, select

from index.records import Window
from index.store.catalogue import sightings
from index.store.catalogue.tables import batch_removals, batches, vectors
from index.store.catalogue.tables import sightings as table
from index.store.catalogue.windows import lies_in, window_rows


def are_inside(connection: Connection, model: str, windows: Iterable[Window] | None) -> bool:
    """Tell whether any sighting in the windows, or in the whole archive, has no vector of the model.

    Each sighting is looked up only where the numbers of both do not say that all have one: those of batches say it as
    long as no sighting was forgotten.
    """
    written = select(func.coalesce(func.sum(batches.c.rows), 0)).where(batches.c.model == model)
    forgotten = select(batch_removals.c.id).where(batch_removals.c.model == model).limit(1)
    is_whole = connection.execute(forgotten).first() is None
    if is_whole and connection.execute(written).scalar_one() == sightings.count(connection):
        return False
    own = (vectors.c.sighting == table.c.id, vectors.c.model == model)
    lacking = select(table.c.id).where(table.c.deleted_at.is_(None), ~exists().where(*own))
    if windows is not None:
        rows = window_rows(connection, windows)
        lacking = lacking.select_from(rows.join(table, lies_in(rows)))
    return connection.execute(lacking.limit(1)).first() is not None


def problems(connection: Connection) -> list[str]:
    """Return the models whose batches are not those of their vectors, one line each.

    Where none was forgotten, the numbers of batches decide whether every sighting has a vector; and what lies in no
    batch of its model is in no file that a search looks into.
    """
    counted = select(batches.c.model, func.sum(batches.c.rows)).group_by(batches.c.model)
    said = {str(model): int(rows) for model, rows in connection.execute(counted)}
    there = select(vectors.c.model, func.count()).group_by(vectors.c.model)
    stored = {str(model): int(rows) for model, rows in connection.execute(there)}
    logged = set(connection.execute(select(batch_removals.c.model).distinct()).scalars())
    wrong = sorted(model for model in said.keys() - logged if said[model] != stored.get(model, 0))
    in_none = or_(batches.c.id.is_(None), batches.c.id < 1, batches.c.model != vectors.c.model)
    joined = vectors.outerjoin(batches, batches.c.id == vectors.c.batch)
    astray = select(vectors.c.model, func.count()).select_from(joined).where(in_none).group_by(vectors.c.model)
    lost = [
        f"vectors of {model}: {rows} are in no batch of it, so that no search finds them: restore a backup"
        for model, rows in connection.execute(astray.order_by(vectors.c.model))
    ]
    return lost + [
        f"batches of {model}: they count {said[model]} vectors, and there are {stored.get(model, 0)}: restore a backup"
        for model in wrong
    ]
