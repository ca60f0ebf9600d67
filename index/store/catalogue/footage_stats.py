"""Read and write what footage files look like from outside, so that known ones need not be read to know them again."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from index.store.catalogue.digest_kinds import FOOTAGE
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import footage


@dataclass(frozen=True, slots=True)
class FileStat:
    """The size of a file, when it was last changed, and the hash of a sample of its bytes."""

    size_bytes: int
    modified_ns: int
    sample: str


def known_by(connection: Connection, stat: FileStat) -> str | None:
    """Return the id of the only footage file that looked like this; None if there is none, or more than one."""
    same = (
        footage.c.sample == stat.sample,
        footage.c.size_bytes == stat.size_bytes,
        footage.c.modified_ns == stat.modified_ns,
        footage.c.deleted_at.is_(None),
    )
    ids = list(connection.execute(select(footage.c.id).where(*same).limit(2)).scalars())
    return ids[0] if len(ids) == 1 else None


def put_stat(connection: Connection, id_: str, stat: FileStat) -> None:
    """Write what a footage file looks like now."""
    seen = {"size_bytes": stat.size_bytes, "modified_ns": stat.modified_ns, "sample": stat.sample}
    with renewed(connection, FOOTAGE, [id_]):
        connection.execute(update(footage).where(footage.c.id == id_).values(**seen))
