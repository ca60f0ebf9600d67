"""Bring a database to the tables of this version, step by step, or say why that cannot be."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from index.catalogue.database import Catalogue
from index.errors import ArchiveError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"
"""The newest migration; written here so that opening an up-to-date archive need not load alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"


def version(catalogue: Catalogue) -> str | None:
    """Return the migration that the database stands at, None where it has none of our tables."""
    with catalogue.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def create(catalogue: Catalogue) -> None:
    """Make all tables in an empty database."""
    with catalogue.reading() as connection:
        taken = inspect(connection).get_table_names()
    if taken:
        raise ArchiveError(f"{catalogue.name} already holds tables ({taken[0]}, ...): name an empty database")
    migrate(catalogue)


def is_current(catalogue: Catalogue) -> bool:
    """Return whether the database stands at HEAD; refuse one that we did not make, or that is newer than we are."""
    found = version(catalogue)
    if found == HEAD:
        return True
    if found is None:
        raise ArchiveError(f"{catalogue.name} is not a catalogue of Retrace: check the path, or make one: retrace init")
    if found not in _known_versions():
        raise ArchiveError(
            f"{catalogue.name} was made by a newer Retrace (schema {found}, here {HEAD}): update Retrace"
        )
    return False


def migrate(catalogue: Catalogue) -> None:
    """Run every migration that is missing, in one transaction."""
    from alembic import command

    with catalogue.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _known_versions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
