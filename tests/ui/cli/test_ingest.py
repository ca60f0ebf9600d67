"""`retrace ingest` and `retrace footage`."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from tests.ui.cli.commands import document, refused
from ui.cli.main import retrace

pytestmark = pytest.mark.usefixtures("motion_sees")


START = "2026-05-04T08:00:00Z"


@pytest.fixture(scope="module")
def video(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_street(tmp_path_factory.mktemp("film") / "street_20260504_080000Z.mp4", [car(1.0, 60)], 8.0)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("north", 48.41, 15.6), StoredCamera("south", 48.42, 15.61)])
    return tmp_path / "archive"


def test_ingest_says_what_became_of_each_file_and_footage_can_be_moved_and_removed(archive: Path, video: Path) -> None:
    at = ("--archive", archive)
    (file,) = document(*at, "ingest", video, "--camera", "north", "--start", START, "--json")["footage"]  # type: ignore[misc]
    assert {"path", "sha256", "sightings", "seconds_of_video", "seconds", "status"} <= set(file)
    assert (file["sightings"], file["status"], file["seconds_of_video"]) == (1, "done", 8.0)
    (moved,) = document(*at, "footage", "move", video, "--camera", "south", "--json")["footage"]  # type: ignore[misc]
    assert moved["camera"] == "south"
    assert document(*at, "footage", "list", "--json")["footage"] == [moved]
    assert document(*at, "footage", "remove", file["sha256"][:10], "--json")["sightings"] == 1
    assert document(*at, "footage", "list", "--json")["footage"] == []


def test_removing_footage_says_that_a_case_keeps_what_it_marked(archive: Path, video: Path) -> None:
    """Rows and pictures of it stay, after a purge, too: who removes footage to have it gone must know."""
    at = ("--archive", archive)
    document(*at, "ingest", video, "--camera", "north", "--start", START, "--json")
    (sighting,) = document(*at, "sightings", "list", "--json")["sightings"]  # type: ignore[misc]
    document(*at, "case", "new", "7", "--json")
    document(*at, "mark", "7", sighting["id"], "no", "--json")
    done = CliRunner().invoke(retrace, [str(word) for word in (*at, "footage", "remove", video)])
    assert "1 of them are marked in a case: their rows and pictures stay in it" in done.output


def test_a_manifest_and_an_automatic_start_agree(archive: Path, video: Path, tmp_path: Path) -> None:
    manifest = video.parent / "footage.csv"
    manifest.write_text(f"path,camera,start\n{video.name},north,{START}\n")
    first = document("--archive", archive, "ingest", "--manifest", manifest, "--json")["footage"]
    again = document("--archive", archive, "ingest", video, "--camera", "north", "--start", "auto", "--json")["footage"]
    assert (first[0]["status"], again[0]["status"]) == ("done", "known")  # type: ignore[index]
    assert first[0]["path"] == again[0]["path"] == str(video)  # type: ignore[index]


def test_a_file_whose_bytes_changed_unseen_is_found_by_check(archive: Path, video: Path, tmp_path: Path) -> None:
    """Between the sampled parts, and with the size and the time that it had before."""
    film = tmp_path / video.name
    film.write_bytes(video.read_bytes() + bytes(3_000_000))
    take = ("--archive", archive, "ingest", film, "--camera", "north", "--start", START, "--json")
    (first,) = document(*take)["footage"]  # type: ignore[misc]
    before = film.stat()
    with film.open("r+b") as file:
        file.seek(before.st_size - 200_000)
        file.write(b"changed")
    os.utime(film, ns=(before.st_atime_ns, before.st_mtime_ns))
    (again,) = document(*take)["footage"]  # type: ignore[misc]
    assert (again["status"], again["sha256"]) == ("known", first["sha256"])
    (checked,) = document(*take, "--check")["footage"]  # type: ignore[misc]
    assert (checked["status"], checked["sha256"] != first["sha256"]) == ("done", True)


def test_a_manifest_is_done_as_far_as_it_can_be_and_leaves_with_1(archive: Path, video: Path) -> None:
    manifest = video.parent / "half.csv"
    manifest.write_text(f"path,camera,start\ngone.mp4,north,auto\n{video.name},north,auto\n")
    done = CliRunner().invoke(retrace, ["--archive", str(archive), "ingest", "--manifest", str(manifest), "--json"])
    assert done.exit_code == 1
    assert "gone.mp4: no such file" in str(done.exception)
    assert [file["status"] for file in json.loads(done.stdout)["footage"]] == ["failed", "done"]
    assert "check that this is right" in done.stderr


def test_a_folder_is_watched_once(archive: Path, video: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "north").mkdir(parents=True)
    (tmp_path / "in" / "north" / video.name).write_bytes(video.read_bytes())
    take = ("--archive", archive, "ingest", "--watch", tmp_path / "in", "--once", "--rest", "0", "--json")
    assert [file["status"] for file in document(*take)["footage"]] == ["done"]  # type: ignore[attr-defined]
    assert document(*take) == {"footage": []}


def test_settings_of_the_archive_that_are_not_as_usual_are_said(archive: Path, video: Path) -> None:
    """They may have come with an archive of somebody else: `every_s = 60` sees next to nobody."""
    (archive / "retrace.toml").write_text("[ingest]\nevery_s = 0.5\nplates = false\n")
    words = ["--archive", archive, "ingest", video, "--camera", "north", "--start", START]
    done = CliRunner().invoke(retrace, [str(word) for word in words])
    assert "not taken in as usual" in done.stderr
    assert "every_s = 0.5 (else 0.1), plates = False (else True)" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--watch", "in", "x.mp4"],
        ["--watch", "in", "--start", START],
        ["x.mp4", "--camera", "north", "--start", START, "--once"],
        ["--manifest", "list.csv", "--camera", "north"],
        ["x.mp4"],
        ["--watch", "in", "--check"],
        ["rtsp://127.0.0.1/north", "--camera", "north", "--check"],
    ],
)
def test_ways_to_name_footage_that_contradict_each_other_are_wrong_usage(archive: Path, words: list[str]) -> None:
    assert CliRunner().invoke(retrace, ["--archive", str(archive), "ingest", *words]).exit_code == 2


@pytest.mark.parametrize("scheme", ["rtsp", "rtmps"])
def test_addresses_among_files_are_refused_without_their_passwords(archive: Path, tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}://me:s3cr3t@127.0.0.1:1/live"
    ways = [(url, url, "--camera", "north", "--start", START)]
    ways += [(url, "--camera", "north", "--start", START)] if scheme == "rtmps" else []
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"path,camera,start\n{url},north,{START}\n")
    for words in [*ways, ("--manifest", str(manifest))]:
        done = CliRunner().invoke(retrace, ["--archive", str(archive), "ingest", *words])
        assert done.exit_code != 0
        assert "given alone" in done.output + str(done.exception) or "give it alone" in str(done.exception)
        assert "s3cr3t" not in done.output + str(done.exception)


def test_the_address_of_a_stream_can_be_read_from_the_input(archive: Path) -> None:
    """Every user of the machine sees the words of a command, and a password in them."""
    words = ["--archive", str(archive), "ingest", "-", "--camera", "north", "--once"]
    done = CliRunner().invoke(retrace, words, input="rtsp://me:s3cr3t@127.0.0.1:1/live\n")
    assert "rtsp://127.0.0.1:1/live does not answer" in str(done.exception)
    assert "s3cr3t" not in done.output + str(done.exception)
    for nothing in ("", "film.mp4\n"):
        assert CliRunner().invoke(retrace, words, input=nothing).exit_code == 2


def test_paths_are_shown_as_they_were_given_and_name_footage_from_anywhere(
    archive: Path, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ü b"
    (folder / "deep").mkdir(parents=True)
    (folder / "film 1.mp4").write_bytes(video.read_bytes())
    monkeypatch.chdir(folder / "deep")
    at = ("--archive", archive)
    given = Path("..") / "film 1.mp4"
    (file,) = document(*at, "ingest", given, "--camera", "north", "--start", START, "--json")["footage"]  # type: ignore[misc]
    assert (file["path"], file["status"]) == (str(given), "done")
    monkeypatch.chdir(folder)
    assert document(*at, "footage", "remove", "./film 1.mp4", "--json")["sightings"] == 1


def test_bad_footage_is_refused_in_one_line(
    archive: Path, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table, empty = tmp_path / "table.mp4", tmp_path / "empty.mp4"
    table.write_text("not a video")
    empty.touch()
    take = ("--archive", archive, "ingest")
    north, start = ("--camera", "north"), ("--start", START)
    assert "not a video" in refused(monkeypatch, capsys, *take, table, *north, *start)
    assert "zero bytes" in refused(monkeypatch, capsys, *take, empty, *north, *start)
    assert "no such file" in refused(monkeypatch, capsys, *take, tmp_path / "gone.mp4", *north, *start)
    assert "has no zone" in refused(monkeypatch, capsys, *take, video, *north, "--start", "2026-05-04T08:00:00")
    assert "did you mean north" in refused(monkeypatch, capsys, *take, video, "--camera", "norht", *start)
    assert "there is no detector" in refused(monkeypatch, capsys, *take, video, *north, *start, "--detector", "yolo")
    manifest = tmp_path / "list.csv"
    manifest.write_text("file,camera\na,b\n")
    assert "no column 'path'" in refused(monkeypatch, capsys, *take, "--manifest", manifest)
