"""Burnt-in clocks and moved cameras as a person at the command line meets them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.ingest import start_time
from index.ingest.start_time import ClockProposal
from index.records import Coverage
from index.store.archive import Archive
from index.store.catalogue import cameras, footage
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.footage import Footage
from reid.clock.burnt_clock import BurntClock
from ui.cli.footage import confirm_start
from ui.cli.main import retrace

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
SHOWN = BurntClock({"year first": datetime(2026, 5, 4, 8, 30)}, "2026-05-04 08:30:00", 8, 8, 0.02)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("north", 48.41, 15.6)])
    return tmp_path / "archive"


@pytest.fixture
def video(film_street: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film whose clock reads as SHOWN."""
    monkeypatch.setattr(start_time, "read_burnt_clock", lambda _: SHOWN)
    for name, value in (("DETECTOR", "motion"), ("WEIGHTS", "histogram"), ("PLATES", "false")):
        monkeypatch.setenv(f"RETRACE_INGEST_{name}", value)
    return film_street(tmp_path / "clip.mp4", [], 1.0)


def run(archive: Path, *words: object) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(archive), *map(str, words)])


def test_a_clock_can_be_looked_at_without_an_archive(video: Path, tmp_path: Path) -> None:
    document = json.loads(run(tmp_path / "none", "footage", "clock", video, "--zone", "+02:00", "--json").stdout)
    assert (document["start"], document["other"], document["right"], document["doubts"]) == (
        "2026-05-04T06:30:00Z",
        None,
        8,
        [],
    )
    lines = run(tmp_path / "none", "footage", "clock", video, "--zone", "+02:00").stdout
    assert "starts 2026-05-04T06:30:00+00:00 by the clock in its pictures" in lines


def test_a_clock_is_used_only_where_somebody_accepts_it(archive: Path, video: Path) -> None:
    words = ("ingest", video, "--camera", "north", "--start", "auto", "--zone", "+02:00")
    refused = run(archive, *words)
    assert refused.exit_code == 1
    assert "add --accept-clock" in str(refused.exception)
    done = run(archive, *words, "--accept-clock", "--json")
    assert json.loads(done.stdout)["footage"][0]["status"] == "done"
    (stored,) = json.loads(run(archive, "footage", "list", "--json").stdout)["footage"]
    assert (stored["start"], stored["moved"]) == ("2026-05-04T06:30:00Z", False)


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_shown_what_speaks_against_it_before_the_question(
    answer: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("click.confirm", lambda question, err: answer)
    doubt = "the file's name says 2026-05-04T09:30:00+00:00, 1:00:00 later"
    assert confirm_start(ClockProposal(Path("a.mp4"), EIGHT, None, "2026-05-04 08:00:00", 7, 8, (doubt,))) is answer
    starts, but = capsys.readouterr().err.splitlines()
    assert "starts 2026-05-04T08:00:00+00:00" in starts
    assert "7 of 8 readings" in starts
    assert doubt in but


def test_a_list_may_leave_the_start_to_the_clock(archive: Path, video: Path) -> None:
    table = video.with_suffix(".csv")
    table.write_text("path,camera,start\nclip.mp4,north,clock\n")
    done = run(archive, "ingest", "--manifest", table, "--zone", "+02:00", "--accept-clock")
    assert done.exit_code == 0
    assert "by the clock in its picture" in done.stderr


def test_lists_show_which_camera_may_have_been_moved(archive: Path) -> None:
    with Archive.open(archive) as opened, opened.catalogue.writing() as connection:
        footage.add(connection, Footage("f", "/films/a.mp4", "north", EIGHT, 60.0), at=EIGHT)
        looked_at = [Coverage("north", EIGHT, EIGHT + timedelta(minutes=1), "moved")]
        footage.finish_chunk(connection, "f", 0, looked_at, sightings=0, at=EIGHT)
    assert "(camera moved?)" in run(archive, "footage", "list").stdout
    assert "may have been moved by 2026-05-04T08:00:00Z" in run(archive, "cameras", "list").stdout
    (camera,) = json.loads(run(archive, "cameras", "list", "--json").stdout)["cameras"]
    assert camera["moved_since"] == "2026-05-04T08:00:00Z"
