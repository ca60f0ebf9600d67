"""What is purged leaves the tables of a PostgreSQL server, too; while somebody reads the rows of before, it fails."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras, server_wipe
from index.store.catalogue.database import Catalogue
from index.store.catalogue.tables import metadata
from index.upkeep.retention import PurgeUnfinishedError, purge
from index.upkeep.verify import verify
from tests.index.conftest import make_sighting, two_cameras

ONE = "sighting-07303"
"""A sighting of this test alone: the statistics of a server are of all of its schemas."""


@pytest.fixture
def served(postgres_url: str, tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", postgres_url) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        archive.add(NewChunk(None, None, tuple(make_sighting(n) for n in range(7300, 7320))))
        with archive.catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        yield archive


def named_in(catalogue: Catalogue) -> list[str]:
    """The tables whose files on the server's disk hold the name of a sighting."""
    with catalogue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        found = []
        for table in [*sorted(metadata.tables), "pg_catalog.pg_statistic"]:
            read = text("SELECT pg_read_binary_file(pg_relation_filepath(CAST(:table AS regclass)))")
            if ONE.encode() in bytes(connection.execute(read, {"table": table}).scalar()):
                found.append(table)
        return found


def test_a_purge_leaves_nothing_in_the_tables_of_a_server(served: Archive) -> None:
    assert {"sightings", "shots", "vectors", "pg_catalog.pg_statistic"} <= set(named_in(served.catalogue))
    assert purge(served, datetime.now(UTC), local_person()).sightings == 20
    assert named_in(served.catalogue) == []
    assert verify(served) == []
    with Archive.open(served.path) as again:
        again.add(NewChunk(None, None, (make_sighting(4),)))
        assert verify(again) == []


def test_a_purge_fails_while_a_session_reads_the_rows_of_before(
    served: Archive, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_wipe, "WAIT_S", 0.3)
    other = Catalogue.served(postgres_url)
    with other.reading() as reader:
        reader.execute(text("SELECT 1")).scalar()
        with pytest.raises(PurgeUnfinishedError, match=r"deleted rows remain in .*, which session \d+ of "):
            purge(served, datetime.now(UTC), local_person())
        assert any("did not finish" in problem for problem in verify(served))
        assert "sightings" in named_in(served.catalogue)
    other.close()
    purge(served, datetime.now(UTC), local_person())
    assert "sightings" not in named_in(served.catalogue)
    assert verify(served) == []


def test_a_session_of_another_account_is_waited_for_without_rights_on_the_server(
    postgres: Any, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such an account is not told of what kind the sessions of others are."""
    monkeypatch.setattr(server_wipe, "WAIT_S", 0.3)
    for statement in ("CREATE ROLE owner LOGIN", "CREATE ROLE reader LOGIN", "CREATE DATABASE owned OWNER owner"):
        postgres.psql(statement)
    url = make_url(postgres_url).set(database="owned", username="owner").difference_update_query(["options"])
    other = Catalogue.served(url.set(username="reader").render_as_string(hide_password=False))
    with Archive.create(tmp_path / "archive", url.render_as_string(hide_password=False)) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        archive.add(NewChunk(None, None, tuple(make_sighting(n) for n in range(20))))
        with other.reading() as reader:
            reader.execute(text("SELECT 1")).scalar()
            with pytest.raises(PurgeUnfinishedError, match=r"which session \d+ of reader still reads"):
                purge(archive, datetime.now(UTC), local_person())
        with archive.catalogue.writing() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "15min"
        purge(archive, datetime.now(UTC), local_person())
    other.close()
    for statement in ("DROP DATABASE owned WITH (FORCE)", "DROP ROLE owner", "DROP ROLE reader"):
        postgres.psql(statement)


def test_tables_of_another_owner_are_not_said_to_be_wiped(served: Archive, postgres_url: str) -> None:
    schema = make_url(postgres_url).query["options"].removeprefix("-csearch_path=")
    role = f"guest_of_{schema}"
    with served.catalogue.writing() as connection:
        for grant in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT ALL ON SCHEMA {schema} TO {role}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}",
        ):
            connection.execute(text(grant))
    guest = Catalogue.served(make_url(postgres_url).set(username=role).render_as_string(hide_password=False))
    with pytest.raises(ArchiveError, match="only the owner of its table"):
        guest.wipe()
    guest.close()
    with served.catalogue.writing() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
