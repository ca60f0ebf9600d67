"""Check an archive: database, audit chain, pictures, sightings, plates, vectors, roads, and the camera totals."""

from collections.abc import Callable

from index.errors import UNREADABLE
from index.store.archive import Archive
from index.store.catalogue import (
    Connection,
    audit,
    camera_totals,
    missing_vectors,
    models,
    plate_index,
    plates,
    purges,
    sightings,
)
from index.upkeep.derived import edited_rows, road_problems, vector_problems


def verify(archive: Archive) -> list[str]:
    """Return what is broken, one line each; missing derived files are made again, nothing else is changed."""
    found = archive.catalogue.problems()
    if found:
        return found
    with archive.catalogue.reading() as connection:
        purge = purges.unfinished(connection)
    unfinished = f"the purge of {purge} did not finish, pictures or rows remain: wait if it still runs, or purge again"
    remains = [] if purge is None else [unfinished]
    checks = {
        "the audit": _audit_problems,
        "pictures": _picture_problems,
        "totals and plates": _kept_problems,
        "rows": edited_rows,
        "vectors": _vector_problems,
        "roads": road_problems,
    }
    return [*remains, *(line for name, check in checks.items() for line in _checked(archive, name, check))]


def _checked(archive: Archive, name: str, check: Callable[[Archive], list[str]]) -> list[str]:
    """Return what a check finds; where an edited value stops it, another line names the row."""
    try:
        return check(archive)
    except UNREADABLE as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return [f"{name} could not be checked to the end: a value in the catalogue cannot be read ({said})"]


def _kept_problems(archive: Archive) -> list[str]:
    # At one moment: what somebody adds meanwhile is not missing.
    with archive.catalogue.at_one_moment() as catalogue, catalogue.reading() as connection:
        return [
            *plate_index.problems(connection),
            *camera_totals.problems(connection),
            *missing_vectors.problems(connection),
            *_without_vectors(connection),
        ]


def _vector_problems(archive: Archive) -> list[str]:
    # Where the durable copy is damaged, files that differ from it may be the good ones.
    return vector_problems(archive) or archive.vectors.problems()


def _without_vectors(connection: Connection) -> list[str]:
    """Return how many sightings no question compares, because the models in use have not seen their pictures."""
    found = []
    for kind, located, command in (("appearance", False, "reembed"), ("plate_vector", True, "plates embed")):
        used = models.in_use(connection, kind)
        missing = 0 if used is None else plates.count_without_vectors(connection, used.id, located=located)
        if used is not None and missing:
            found.append(f"{missing} sightings have no vectors of {used.id}, which is in use: run retrace {command}")
    return found


def _audit_problems(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        chain = audit.check(connection)
    return [] if chain.ok else [f"audit: the chain is broken at row {chain.broken_at}: someone changed the record"]


def _picture_problems(archive: Archive) -> list[str]:
    found = []
    with archive.catalogue.reading() as connection:
        for sighting, ref in sightings.crops(connection):
            problem = archive.crops.problem(ref)
            if problem:
                found.append(f"sighting {sighting}: {problem}")
    return found
