"""A database of PostgreSQL that drops, hides or replaces rows by itself is refused when an archive is opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from index.access import audit
from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.database import Catalogue
from index.store.catalogue.plain_tables import check_plain
from tests.index.conftest import make_sighting, two_cameras
from tests.index.store.catalogue.test_plain_tables import REVISIONS, bring_to

DROPS = "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';; "
SLOW = "CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';; "

HOSTILE = {
    "a trigger that drops rows of the audit": DROPS
    + "CREATE TRIGGER t BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION drop_it()",
    "a rule that does nothing instead": "CREATE RULE r AS ON UPDATE TO audit_head DO INSTEAD NOTHING",
    "a view in the place of a table": "ALTER TABLE coverage RENAME TO c2;; CREATE VIEW coverage AS SELECT * FROM c2",
    "rows that this user does not see": "ALTER TABLE sightings ENABLE ROW LEVEL SECURITY",
    "rows of another table, too": "CREATE TABLE more () INHERITS (coverage)",
    "a table that a crash empties": "ALTER TABLE audit SET UNLOGGED",
    "a check that computes": SLOW + "ALTER TABLE audit ADD CONSTRAINT c CHECK (slow(action) <> '')",
    "a computed column": "ALTER TABLE cases ADD COLUMN loud text GENERATED ALWAYS AS (upper(title)) STORED",
    "an index that computes": SLOW + "CREATE INDEX i ON audit (slow(action))",
    "an index that refuses": "CREATE UNIQUE INDEX i ON audit (person, action)",
    "a value of its own": "ALTER TABLE audit ALTER COLUMN reason SET DEFAULT lower('X')",
    "a type of its own": "CREATE DOMAIN word AS text CHECK (VALUE <> 'x');; "
    "ALTER TABLE audit ALTER COLUMN action TYPE word",
    "more rows deleted with others": "ALTER TABLE marks ADD FOREIGN KEY (sighting) REFERENCES sightings(id) "
    "ON DELETE CASCADE",
    "sightings whose vectors outlive them": "ALTER TABLE vectors DROP CONSTRAINT fk_vectors_sighting",
    "references that nobody checks": "ALTER TABLE marks DISABLE TRIGGER ALL",
}


@pytest.fixture
def served(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    with Archive.create(tmp_path / "archive", postgres_url):
        yield tmp_path / "archive", postgres_url


@pytest.fixture
def guest(served: tuple[Path, str]) -> Iterator[str]:
    """The address of the same archive for an account of its own, whose sessions may begin with anything."""
    role = f"guest_{make_url(served[1]).query['options'].removeprefix('-csearch_path=')}"
    schema = role.removeprefix("guest_")
    run(
        served[1],
        f"CREATE ROLE {role} LOGIN;; GRANT ALL ON SCHEMA {schema} TO {role};; "
        f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}",
    )
    yield make_url(served[1]).set(username=role).render_as_string(hide_password=False)
    run(served[1], f"DROP OWNED BY {role};; DROP ROLE {role}")


def run(url: str, statements: str) -> None:
    catalogue = Catalogue.served(url)
    with catalogue.engine.begin() as connection:
        for statement in statements.split(";; "):
            connection.execute(text(statement))
    catalogue.close()


@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE.keys())
def test_tables_with_rules_of_somebody_else_are_refused(served: tuple[Path, str], statements: str) -> None:
    run(served[1], statements)
    with pytest.raises(ArchiveError, match="has a rule on the table"):
        Archive.open(served[0])


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE FUNCTION count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
        "CREATE FUNCTION no(text, varchar) RETURNS bool LANGUAGE sql AS 'SELECT false';; "
        "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = varchar, FUNCTION = no)",
    ],
    ids=["a function", "an operator"],
)
def test_what_would_be_taken_for_the_servers_own_is_refused(served: tuple[Path, str], statement: str) -> None:
    run(served[1], statement)
    with pytest.raises(ArchiveError, match="where the server's is meant"):
        Archive.open(served[0])


def test_tables_of_another_schema_in_front_are_refused(served: tuple[Path, str], postgres: Any, tmp_path: Path) -> None:
    own = str(make_url(served[1]).query["options"]).partition("=")[2]
    run(served[1], f"CREATE SCHEMA before_{own};; CREATE TABLE before_{own}.marks AS SELECT * FROM marks")
    path = served[0] / "archive.toml"
    path.write_text(path.read_text().replace(f"search_path%3D{own}", f"search_path%3Dbefore_{own}%2C{own}"))
    assert f"before_{own}" in path.read_text()
    with pytest.raises(ArchiveError, match="has a rule on the table"):
        Archive.open(served[0])


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_name_is_refused(
    postgres: Any, postgres_url: str, tmp_path: Path, encoding: str
) -> None:
    name = f"written_in_{encoding.lower()}"
    postgres.psql(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    url = make_url(postgres_url).set(database=name).difference_update_query(["options"])
    with pytest.raises(ArchiveError, match=f"is in {encoding}"):
        Archive.create(tmp_path / "other", url.render_as_string(hide_password=False))
    postgres.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_tables_of_every_version_are_plain(revision: str, postgres_url: str) -> None:
    catalogue = Catalogue.served(postgres_url)
    bring_to(catalogue, revision)
    check_plain(catalogue)
    catalogue.close()


SETTINGS = (
    "extra_float_digits = -15",
    "transform_null_equals = on",
    "standard_conforming_strings = off",
    "bytea_output = escape",
    "datestyle = 'Postgres, DMY'",
    "timezone = 'Asia/Kathmandu'",
    "synchronous_commit = off",
    "default_transaction_isolation = serializable",
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_an_account_begins_its_sessions_with_changes_no_value(
    served: tuple[Path, str], guest: str, setting: str
) -> None:
    lat, lon = 48.208212345678, 16.373812345678
    run(served[1], f"ALTER ROLE {make_url(guest).username} SET {setting}")
    catalogue = Catalogue.served(guest)
    with catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", lat, lon)])
    with catalogue.reading() as connection:
        found = next(iter(cameras.listing(connection)))
        assert (found.lat, found.lon) == (lat, lon)
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    with catalogue.writing() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
    catalogue.close()


def test_sessions_that_delete_nothing_along_are_refused(served: tuple[Path, str], guest: str) -> None:
    """A purge would leave the plates and vectors of the sightings that it deletes."""
    run(served[1], f"ALTER ROLE {make_url(guest).username} SET session_replication_role = replica")
    with pytest.raises(ArchiveError, match="session_replication_role = replica"), Catalogue.served(guest).reading():
        pass


@pytest.mark.parametrize(
    "statement",
    [
        DROPS + "CREATE TRIGGER t BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION drop_it()",
        "CREATE FUNCTION change_it() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.verdict := ''no''; RETURN NEW; END';; "
        "CREATE TRIGGER t BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION change_it()",
        "CREATE RULE r AS ON INSERT TO marks DO INSTEAD NOTHING",
        "ALTER TABLE marks ENABLE ROW LEVEL SECURITY",
    ],
    ids=["dropped", "changed", "a rule", "hidden"],
)
def test_a_mark_is_not_lost_to_what_a_server_got_while_the_archive_was_open(
    served: tuple[Path, str], statement: str
) -> None:
    """A page is open for weeks; its digest would be made of what is stored, and `verify` would say whole."""
    with Archive.open(served[0]) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        archive.add(NewChunk(None, None, (make_sighting(1),)))
        open_case(archive, local_person(), "7", "")
        run(served[1], statement)
        with pytest.raises(ArchiveError, match=r"has got a rule on the table 'marks'|tables as they are now"):
            mark_sighting(archive, local_person(), "7", "sighting-00001", "yes")
        entries = [entry.action for entry in audit.entries(archive, local_person())]
    assert "mark sighting" not in entries


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TABLE before_{own}.marks (LIKE {own}.marks INCLUDING ALL)", "another table of that name"),
        ("ALTER TABLE {own}.vectors DROP CONSTRAINT fk_vectors_sighting", "table 'vectors', lost one"),
        ("CREATE FUNCTION {own}.max(text) RETURNS text LANGUAGE sql AS 'SELECT $1'", "a function max of its own"),
    ],
    ids=["a table in front", "what a purge rests on", "a function"],
)
def test_nothing_is_written_past_what_a_server_got_while_the_archive_was_open(
    served: tuple[Path, str], statement: str, said: str
) -> None:
    """A schema with the name of the account comes first in the path that a server has by itself."""
    own = str(make_url(served[1]).query["options"]).partition("=")[2]
    run(served[1], f"CREATE SCHEMA before_{own}")
    path = served[0] / "archive.toml"
    path.write_text(path.read_text().replace(f"search_path%3D{own}", f"search_path%3Dbefore_{own}%2C{own}"))
    with Archive.open(served[0]) as archive:
        open_case(archive, local_person(), "7", "")
        run(served[1], statement.format(own=own))
        with pytest.raises(ArchiveError, match=said):
            open_case(archive, local_person(), "8", "")
        assert [entry.action for entry in audit.entries(archive, local_person())].count("open case") == 1


def test_rows_that_are_hidden_while_a_search_reads_are_not_taken_for_none(served: tuple[Path, str], guest: str) -> None:
    """The audit had its row, and the answer was "Nothing was seen where the vehicle can have been"."""
    catalogue = Catalogue.served(guest)
    with catalogue.reading() as connection:
        assert list(cameras.listing(connection)) == []
    run(served[1], "ALTER TABLE cameras ENABLE ROW LEVEL SECURITY")
    with pytest.raises(ArchiveError, match="row-level security"), catalogue.reading() as connection:
        list(cameras.listing(connection))
    catalogue.close()


def test_nothing_is_written_in_the_session_of_somebody_else(served: tuple[Path, str]) -> None:
    """As by PgBouncer, which gives each transaction any session: this one was never told how to write numbers."""
    catalogue = Catalogue.served(served[1])
    with pytest.raises(ArchiveError, match="pool_mode = session"):
        _write_in_another_session(catalogue)
    with catalogue.reading() as connection:
        assert list(cameras.listing(connection)) == []
    catalogue.close()


def test_a_schema_that_is_made_later_is_not_looked_into(served: tuple[Path, str]) -> None:
    """A copy of all tables in a schema with the name of the account took the place of the archive, without a word."""
    own = str(make_url(served[1]).query["options"]).partition("=")[2]
    catalogue = Catalogue.served(served[1].replace(f"search_path%3D{own}", f"search_path%3Dlater_{own}%2C{own}"))
    with catalogue.reading():
        pass
    run(served[1], f"CREATE SCHEMA later_{own}")
    for _ in range(2):
        with catalogue.reading() as connection:
            assert connection.execute(text("SELECT current_schemas(false)")).scalar() == [own]
        catalogue.engine.dispose()
    catalogue.close()


def test_a_session_that_somebody_left_open_is_not_waited_for_without_an_end(
    served: tuple[Path, str],
) -> None:
    other = Catalogue.served(served[1])
    with Archive.open(served[0]) as archive, other.engine.begin() as left_open:
        assert left_open.execute(text("SHOW lock_timeout")).scalar() == "15min"
        left_open.execute(text("SELECT * FROM audit_head FOR UPDATE"))
        with pytest.raises(ArchiveError, match="stayed busy"):
            _move_head_at_once(archive)
    other.close()


def _write_in_another_session(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        connection.execute(text("SET LOCAL extra_float_digits = -15"))
        cameras.put(connection, two_cameras())


def _move_head_at_once(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 100"))
        connection.execute(text("UPDATE audit_head SET number = number"))
