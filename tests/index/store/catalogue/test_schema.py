from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, schema
from index.store.catalogue.tables import metadata


def test_migrations_lead_to_the_tables_of_the_code(catalogue: Catalogue) -> None:
    with catalogue.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_written_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_current_head() == schema.HEAD


def test_new_catalogue_is_current(catalogue: Catalogue) -> None:
    assert schema.is_current(catalogue)


def test_database_with_other_tables_is_left_alone(tmp_path: Path) -> None:
    other = Catalogue.embedded(tmp_path / "other.sqlite")
    with other.writing() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(ArchiveError, match="already holds tables"):
        schema.create_tables(other)
    with pytest.raises(ArchiveError, match="not a catalogue of Retrace"):
        schema.is_current(other)
    other.close()


def test_newer_catalogue_is_refused(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ArchiveError, match="newer Retrace"):
        schema.is_current(catalogue)


def test_a_row_that_belongs_to_nothing_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ArchiveError, match="refused a row"), catalogue.writing() as connection:
        connection.execute(text("INSERT INTO marks VALUES (1, 'no case', 'no sighting', 'yes', 'x', 0)"))
