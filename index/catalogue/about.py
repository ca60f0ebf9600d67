"""Know which archive a catalogue belongs to, so that a database is not opened for another."""

from sqlalchemy import Connection, select

from index.catalogue.tables import about
from index.errors import ArchiveError


def set_archive(connection: Connection, id_: str) -> None:
    """Write the id of the archive that this catalogue belongs to."""
    connection.execute(about.insert().values(key="archive", value=id_))


def check_archive(connection: Connection, id_: str, database: str) -> None:
    """Refuse the catalogue of another archive."""
    found = connection.execute(select(about.c.value).where(about.c.key == "archive")).scalar()
    if found != id_:
        raise ArchiveError(f"{database} belongs to another archive ({found}, not {id_}): check what archive.toml names")
