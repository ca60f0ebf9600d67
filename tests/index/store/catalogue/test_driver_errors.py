"""What a server of PostgreSQL refuses is said in one line, which tells what to do and holds no password."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from index.access import audit
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue.database import Catalogue

NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def visited(postgres: Any, postgres_url: str, tmp_path: Path) -> Iterator[tuple[Archive, str]]:
    """An archive on a server, opened as a user who may only look; the user's name."""
    with Archive.create(tmp_path / "archive", postgres_url):
        own = str(make_url(postgres_url).query["options"]).partition("=")[2]
        user = f"visitor_{own}"
        postgres.psql(f"CREATE ROLE {user} LOGIN; GRANT USAGE ON SCHEMA {own} TO {user}")
        postgres.psql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {own} TO {user}")
    path = tmp_path / "archive" / "archive.toml"
    path.write_text(path.read_text().replace("//postgres", f"//{user}", 1))
    with Archive.open(tmp_path / "archive") as archive:
        yield archive, user


def test_a_user_without_rights_is_told_so(visited: tuple[Archive, str]) -> None:
    with pytest.raises(ArchiveError, match="does not let this user do that"):
        audit.record(visited[0], local_person(), "search", {})


def test_a_server_that_takes_no_writes_is_told(visited: tuple[Archive, str], postgres: Any) -> None:
    postgres.psql(f"ALTER ROLE {visited[1]} SET default_transaction_read_only = on")
    with (
        Archive.open(visited[0].path) as archive,
        pytest.raises(ArchiveError, match=r"may only be read|does not let this user"),
    ):
        audit.record(archive, local_person(), "search", {})


def test_a_server_that_was_started_anew_answers_the_first_question(postgres: Any, postgres_url: str) -> None:
    """Each session that was kept from before was noticed by an error: the first visitor got that."""
    catalogue = Catalogue.served(postgres_url)
    with catalogue.reading() as connection:
        session = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    postgres.psql(f"SELECT pg_terminate_backend({session}, 10000)")
    with catalogue.reading() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() != session
    catalogue.close()


def test_a_statement_that_takes_too_long_is_told(postgres_url: str) -> None:
    catalogue = Catalogue.served(postgres_url)

    def sleep() -> None:
        with catalogue.reading() as connection:
            connection.execute(text("SET statement_timeout = 50"))
            connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(ArchiveError, match="limit of time"):
        sleep()
    catalogue.close()


def test_a_database_that_is_not_there_is_told(postgres_url: str) -> None:
    catalogue = Catalogue.served(make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False))
    with pytest.raises(ArchiveError, match="does not answer"), catalogue.reading():
        pass
    catalogue.close()


def test_a_trigger_made_after_the_archive_was_opened_swallows_no_row_of_the_audit(
    postgres_url: str, tmp_path: Path
) -> None:
    with Archive.create(tmp_path / "archive", postgres_url) as archive:
        with archive.catalogue.engine.begin() as connection:
            connection.execute(text("CREATE RULE r AS ON INSERT TO audit DO INSTEAD NOTHING"))
        with pytest.raises(ArchiveError, match="did not take a row of the audit"):
            audit.record(archive, local_person(), "search", {})


def test_a_server_that_ends_sessions_which_rest_is_told(postgres_url: str) -> None:
    catalogue = Catalogue.served(postgres_url)
    with pytest.raises(ArchiveError, match=r"ended a session that rested|does not answer"):
        _rest(catalogue)
    catalogue.close()


def _rest(catalogue: Catalogue) -> None:
    with catalogue.reading() as connection:
        connection.execute(text("SET idle_in_transaction_session_timeout = 1"))
        time.sleep(0.5)
        connection.execute(text("SELECT 1"))
