"""Every schema that Retrace ever made opens: the rules that it refuses are those of somebody else."""

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from index.errors import ArchiveError
from index.store.catalogue import schema
from index.store.catalogue.database import Catalogue
from index.store.catalogue.plain_tables import check_plain

REVISIONS = sorted(one.revision for one in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())


def bring_to(catalogue: Catalogue, revision: str) -> None:
    """Make the tables that one version of Retrace made."""
    with catalogue.writing() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_tables_of_every_version_are_plain(revision: str, tmp_path: Path) -> None:
    catalogue = Catalogue.embedded(tmp_path / "catalogue.sqlite")
    bring_to(catalogue, revision)
    check_plain(catalogue)
    catalogue.close()


def test_rows_that_outlive_what_they_belong_to_are_refused(tmp_path: Path) -> None:
    """A purge would leave the vectors of the sightings that it deletes."""
    catalogue = Catalogue.embedded(tmp_path / "catalogue.sqlite")
    schema.create_tables(catalogue)
    with catalogue.writing() as connection:
        connection.execute(text("DROP TABLE vectors"))
        connection.execute(text("CREATE TABLE vectors (sighting TEXT, model TEXT, batch INTEGER, place INTEGER)"))
    with pytest.raises(ArchiveError, match=r"'vectors' .* would outlive"):
        check_plain(catalogue)
    catalogue.close()
