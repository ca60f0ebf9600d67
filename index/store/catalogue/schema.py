"""Create the tables of the catalogue, and bring those of an older version up to this one."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from index.errors import ArchiveError
from index.store.catalogue import rekeying, row_digests
from index.store.catalogue.database import Catalogue
from index.store.catalogue.digest_kinds import CLOCKS, REFUSED
from index.store.catalogue.digests import NO_KEY

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0016"
"""The newest migration, repeated here so that opening an up-to-date archive does not load alembic."""

FIRST_WITH_KEY = "0013"
"""The migration from which on digests have a key."""

FIRST_WITH_REFUSED = "0016"
"""The migration from which on what may not come again has digests."""

_OF_DRIFT = ("at", "drift", "drift_low", "drift_high", "evidence")

MIGRATIONS = Path(__file__).parent / "migrations"


def schema_version(catalogue: Catalogue) -> str | None:
    """Return the newest migration of the database, None where it has no tables of Retrace."""
    with catalogue.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def has_key(catalogue: Catalogue) -> bool:
    """Return whether the digests of the database were made with a key."""
    found = schema_version(catalogue)
    return found is not None and found >= FIRST_WITH_KEY


def create_tables(catalogue: Catalogue) -> None:
    """Create all tables in an empty database."""
    with catalogue.reading() as connection:
        taken = inspect(connection).get_table_names()
    if taken:
        raise ArchiveError(f"{catalogue.name} already holds tables ({taken[0]}, ...): name an empty database")
    migrate(catalogue)


def is_current(catalogue: Catalogue) -> bool:
    """Return whether the database is at HEAD; refuse one that is not a catalogue, or is newer than this program."""
    found = schema_version(catalogue)
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
    """Run all missing migrations in one transaction."""
    from alembic import command

    keyed, found = has_key(catalogue), schema_version(catalogue)
    with catalogue.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        if not keyed:
            rekeying.without_key(connection)
        with _clocks_that_gain_a_drift(connection, found):
            command.upgrade(config, "head")
        if keyed and (found or "") < FIRST_WITH_REFUSED:
            row_digests.begin(connection, REFUSED)
        if not keyed:
            rekeying.add_key(connection, catalogue.key or NO_KEY)


def _clocks_that_gain_a_drift(connection: Connection, found: str | None) -> AbstractContextManager[None]:
    """Keep the digests of clocks right when 0014 gives them a drift of 0; before 0013 no clock had a digest."""
    gains = found == FIRST_WITH_KEY
    return row_digests.renewed_with(connection, CLOCKS, _OF_DRIFT) if gains else nullcontext()


def _known_versions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
