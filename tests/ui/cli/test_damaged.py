"""An archive that somebody or a bad disk has damaged is answered in one line, never with an internal error."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from tests.index.conftest import make_sighting, postgres, postgres_url
from tests.ui.cli.commands import refused, run
from tests.ui.cli.test_fuzz import internal_error

__all__ = ["postgres", "postgres_url"]


def change(folder: Path, *statements: str) -> bool:
    """Say whether there was anything to change."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
        return database.total_changes > 0


def remade(folder: Path, table: str, old: str, new: str) -> None:
    """Give a table another rule, as if it had been made so."""
    change(
        folder,
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{table}'",
    )


def write_toml(line: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / "archive.toml"
        path.write_text(path.read_text() + line + "\n")

    return write


@pytest.mark.parametrize(
    ("damage", "command", "says"),
    [
        pytest.param(write_toml("database = 5"), "verify", "database = 5", id="a database that is a number"),
        pytest.param(write_toml("vectors = []"), "verify", "vectors = []", id="vectors that are a list"),
        pytest.param(
            lambda folder: change(folder, "DELETE FROM audit_head"), "plates find KR*", "head of the audit is gone",
            id="no head of the audit",
        ),
        pytest.param(
            lambda folder: change(folder, "UPDATE sightings SET camera = CAST(X'61ff' AS TEXT)"),
            "sightings list", "is damaged", id="text that is not UTF-8",
        ),
        pytest.param(
            lambda folder: change(
                folder, "CREATE TRIGGER gone AFTER INSERT ON audit BEGIN DELETE FROM audit; END"
            ),
            "search --type car", "has a trigger, 'gone'", id="a trigger that deletes rows of the audit",
        ),
        pytest.param(
            lambda folder: change(
                folder, "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT i FROM n"
            ),
            "sightings list", "has a view, 'v'", id="an endless view",
        ),
        pytest.param(
            lambda folder: change(folder, "ALTER TABLE sightings ADD COLUMN huge AS (hex(zeroblob(1e9)))"),
            "sightings list", "has a computed column, 'sightings.huge'", id="a computed column",
        ),
        pytest.param(
            lambda folder: remade(folder, "audit", "reason TEXT,", "reason TEXT NOT NULL ON CONFLICT IGNORE,"),
            "search --type car", "has a rule on the table 'audit'", id="rows of the audit that are left out",
        ),
        pytest.param(
            lambda folder: remade(folder, "audit", "person TEXT NOT NULL", "person TEXT UNIQUE ON CONFLICT REPLACE"),
            "search --type car", "has a rule on the table 'audit'", id="rows of the audit that replace others",
        ),
        pytest.param(
            lambda folder: remade(folder, "audit", "at BIGINT NOT NULL", "at BIGINT CHECK (hex(zeroblob(9)))"),
            "search --type car", "has a rule on the table 'audit'", id="a check that fills the memory",
        ),
        pytest.param(
            lambda folder: remade(folder, "audit", "reason TEXT", "reason TEXT DEFAULT (hex(zeroblob(9)))"),
            "search --type car", "has a rule on the table 'audit'", id="a default that fills the memory",
        ),
        pytest.param(
            lambda folder: remade(folder, "audit", "reason TEXT", "reason TEXT COLLATE NOCASE"),
            "search --type car", "has a rule on the table 'audit'", id="another order of texts",
        ),
        pytest.param(
            lambda folder: remade(
                folder, "notes", '"case" TEXT NOT NULL', '"case" TEXT REFERENCES sightings (id) ON DELETE CASCADE'
            ),
            "search --type car", "has a rule on the table 'notes'", id="notes that vanish with a sighting",
        ),
        pytest.param(
            lambda folder: change(folder, "CREATE INDEX i ON audit (person) WHERE length(hex(zeroblob(4e8)))"),
            "search --type car", "has a rule on the index 'i'", id="an index that fills the memory",
        ),
        pytest.param(
            lambda folder: change(folder, "CREATE UNIQUE INDEX i ON audit (number, at)"),
            "search --type car", "has a rule on the index 'i'", id="an index that refuses rows",
        ),
        pytest.param(
            lambda folder: (folder / "retrace.toml").write_text("[search]\nshortlist = -5\n"),
            "search --type car", "shortlist is -5: at least 1", id="a shortlist of less than nothing",
        ),
        pytest.param(
            lambda folder: (folder / "retrace.toml").write_text("[search]\narea_probability = 5\n"),
            "search --type car", "5, which is no probability", id="a probability of 5",
        ),
        pytest.param(
            lambda folder: (folder / "retrace.toml").write_text("[search]\nslack = nan\n"),
            "search --type car", "slack to nan", id="a slack that is no number",
        ),
        pytest.param(
            lambda folder: (folder / "retrace.toml").write_text("[ingest]\nchunk_s = nan\n"),
            "ingest no.mp4 --camera a --start 2026-05-04T08:00:00Z", "chunk_s to nan", id="a chunk that is no number",
        ),
        pytest.param(
            lambda folder: (folder / "retrace.toml").write_text("[ingest]\nchunk_s = 1e18\n"),
            "ingest no.mp4 --camera a --start 2026-05-04T08:00:00Z", "1 to 86400 seconds", id="an endless chunk",
        ),
    ],
)  # fmt: skip
def test_a_damaged_archive_is_answered_in_one_line(
    folder: Path,
    damage: Callable[[Path], object],
    command: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damage(folder)
    line = refused(monkeypatch, capsys, "--archive", folder, *command.split())
    assert says in line
    assert "internal error" not in line


@pytest.mark.parametrize("command", [("verify",), ("search", "--sighting", "sighting-00001"), ("sightings", "list")])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sightings SET colours = '{'",
        "UPDATE sightings SET best = 'yesterday'",
        "UPDATE sightings SET best = 9223372036854775807",
        "UPDATE sightings SET track = X'00'",
        "UPDATE plates SET characters = '['",
        "UPDATE camera_places SET lat = 'north'",
        "UPDATE camera_places SET views = '[1]'",
        'UPDATE camera_places SET views = \'[{"edge": 99999, "along_m": 1, "direction": 1, "roads": "x"}]\'',
        "INSERT INTO clock_offsets VALUES ('a', 0, NULL, 1e308, -1e308, 1e308, 'x', NULL, 0, 0, 0, '')",
        "INSERT INTO clock_offsets VALUES ('a', 0, NULL, 5, 4, 6, 'x', 0, 1e308, -1e308, 1e308, '')",
        "INSERT INTO clock_offsets VALUES ('a', 0, NULL, 5, 4, 6, 'given', 9223372036854775807, -2, -2, -2, 'x')",
        "INSERT INTO clock_offsets VALUES ('a', 0, NULL, 5, 4, 6, 'given', 'x', 'x', 'x', 'x', 5)",
        "UPDATE shots SET offset = -5",
        "UPDATE shots SET length = 9223372036854775807",
        "UPDATE shots SET pack = '../../x'",
        "UPDATE shots SET pack = 'a' || char(0)",
        "UPDATE vectors SET data = X'0000'",
        "UPDATE coverage SET start = 'x'",
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP TABLE row_digests",
        "DROP TABLE shots",
    ],
)
def test_values_that_the_program_never_wrote_end_no_command_in_an_internal_error(
    folder: Path, statement: str, command: tuple[str, ...]
) -> None:
    is_changed = change(folder, statement) or statement.startswith("DROP")
    assert internal_error(folder, command) is None
    if command == ("verify",) and is_changed:
        assert run(folder, *command).exit_code == 1


@pytest.mark.parametrize("served", [False, True], ids=["SQLite", "PostgreSQL"])
def test_a_time_beyond_the_calendar_names_its_row(
    served: bool,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It was said to be a number larger than the catalogue can hold: "give a smaller one"."""
    url = request.getfixturevalue("postgres_url") if served else None
    with Archive.create(tmp_path / "archive", url) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.0, 15.0), StoredCamera("b", 48.0, 15.1)])
        archive.add(NewChunk(None, None, (make_sighting(1), make_sighting(2))))
        with archive.catalogue.writing() as connection:
            connection.execute(text("UPDATE sightings SET best = 1000000000000000000 WHERE id LIKE '%2'"))
    line = refused(monkeypatch, capsys, "--archive", tmp_path / "archive", "sightings", "list")
    assert "sighting-00002" in line
    assert "beyond the calendar" in line


def test_an_audit_without_its_head_is_broken(folder: Path) -> None:
    run(folder, "plates", "find", "KR*")
    change(folder, "DELETE FROM audit_head")
    assert run(folder, "audit", "verify").exit_code == 1
    assert "chain is broken" in run(folder, "verify").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["search", "--type", "car", "--cameras", ""], "leaves a name out", id="no camera"),
        pytest.param(["search", "--type", "car", "--cameras", "a,,b"], "leaves a name out", id="a gap in the cameras"),
        pytest.param(["audit", "list", "--newest", "99999999999999999999"], "larger than", id="a huge number"),
        pytest.param(["plates", "find", "\udce4"], "", id="not UTF-8"),
        pytest.param(["ingest", "--watch", ".", "--names", "{camera}{camera}"], "there, once", id="two cameras"),
        pytest.param(["search", "--type", "car", "--area", "pipe"], "pipe or a device", id="a pipe"),
        pytest.param(["search", "--type", "car", "--area", "loop"], "symbolic links", id="a loop"),
        pytest.param(["search", "--type", "car", "--area", "deep"], "not GeoJSON", id="a deep area"),
        pytest.param(["search", "--type", "car", "--area", "nan"], "not a number", id="an area of NaN"),
        pytest.param(["search", "--type", "car", "--area", "two"], "at least three", id="an area of two points"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    folder: Path, tmp_path: Path, words: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("deep").write_text("[" * 100_000)
    Path("nan").write_text('{"type":"Polygon","coordinates":[[[NaN,1],[2,2],[3,3],[NaN,1]]]}')
    Path("two").write_text('{"type":"Polygon","coordinates":[[[1,1],[2,2],[1,1]]]}')
    from ui.cli.main import _one_line

    done = run(folder, *words)
    said = done.output + ("" if not isinstance(done.exception, Exception) else _one_line(done.exception))
    assert done.exit_code in (1, 2)
    assert says in said
    assert "internal error" not in said
