"""Check an archive: database, audit chain, pictures, plates and vectors."""

from index.store.archive import Archive
from index.store.catalogue import audit, plate_index, purges, sightings


def verify(archive: Archive) -> list[str]:
    """Return what is broken, one line each; missing derived files are made again, nothing else is changed."""
    found = archive.catalogue.problems()
    if found:
        return found
    with archive.catalogue.reading() as connection:
        plates = plate_index.problems(connection)
        purge = purges.unfinished(connection)
    remains = [] if purge is None else [f"the purge of {purge} did not finish, pictures or rows remain: purge again"]
    return [*remains, *_audit_problems(archive), *_picture_problems(archive), *plates, *archive.vectors.problems()]


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
