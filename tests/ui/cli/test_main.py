"""Whatever goes wrong is one line on stderr that says what to do, exit 1, nothing on stdout and no traceback."""

import errno
import importlib
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pytest

from index.map.places import current_places
from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from index.upkeep.verify import verify
from reid.images import encode_jpeg
from tests.ui.conftest import painted
from ui.cli.main import COMMANDS, main

RETRACE = [sys.executable, "-c", "from ui.cli.main import main; main()"]


@dataclass(frozen=True)
class Output:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def bench(tmp_path: Path, small_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text file under every name, a true picture and an empty archive; a full one is the default."""
    for name in ("junk.txt", "junk.osm", "junk.mp4", "junk.jpg", "junk.csv"):
        (tmp_path / name).write_text("this is none of it\n")
    (tmp_path / "car.jpg").write_bytes(encode_jpeg(painted("red", seed=5)))
    Archive.create(tmp_path / "empty").close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RETRACE_ARCHIVE", str(small_archive.path))
    return tmp_path


def run(words: Sequence[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Output:
    monkeypatch.setattr(sys, "argv", ["retrace", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    return Output(int(ended.value.code or 0), out, err)


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        pytest.param("--archive empty roads import junk.osm", "not a road map", id="not a map"),
        pytest.param("--archive empty roads import gone.osm", "gone.osm", id="a file that is not there"),
        pytest.param("--archive empty cameras import junk.csv", "id,lat,lon", id="no cameras"),
        pytest.param("ingest junk.mp4 --camera bridge --start 2026-05-04T08:00:00Z", "not a video", id="not a video"),
        pytest.param("ingest junk.mp4 --camera bridge --start 2026-05-04T08:00:00", "Z", id="a start without zone"),
        pytest.param("detect junk.mp4", "not a video", id="not a video to detect in"),
        pytest.param("search junk.jpg", "not a picture", id="not an image"),
        pytest.param("embed junk.jpg --out v.npy", "not a picture", id="not an image to embed"),
        pytest.param("plates read junk.jpg", "not a picture", id="not an image to read"),
        pytest.param("search --type car --time 2026-05-04T08:00:00", "+02:00", id="a time without zone"),
        pytest.param("sightings list --from yesterday", "2026-", id="not a time"),
        pytest.param("search --type car --camera nowhere", "nowhere", id="a camera that does not exist"),
        pytest.param("cameras move nowhere --lat 54 --lon 6", "nowhere", id="a camera that cannot be moved"),
        pytest.param("search --sighting nothing", "nothing", id="a sighting that does not exist"),
        pytest.param("--archive junk.txt sightings list", "not an archive", id="a file that is no archive"),
        pytest.param("--archive . verify", "not an archive", id="a folder that is no archive"),
        pytest.param("--archive gone sightings list", "retrace --archive gone init", id="no archive"),
        pytest.param("--archive gone serve", "retrace --archive gone init", id="no archive to serve"),
        pytest.param("serve --address 0.0.0.0", "no sign-in", id="an address that others reach"),
        pytest.param("sightings list --camera nowhere", "nowhere", id="sightings of a camera that does not exist"),
        pytest.param("footage list --camera nowhere", "nowhere", id="footage of a camera that does not exist"),
        pytest.param(
            "search car.jpg --place 6.6,54.2 --time 2026-05-04T08:00:00Z", "LAT,LON in this order", id="swapped"
        ),
        pytest.param("--archive empty import sightings junk.csv", "--columns time=NAME", id="no plate reader's table"),
        pytest.param("import sightings sub", "holds no picture", id="a folder without crops"),
        pytest.param("cameras mask bridge junk.csv", "not JSON", id="a mask that is a table"),
        pytest.param("ingest --watch gone", "not a folder", id="a folder to watch that is not there"),
        pytest.param("ingest http://127.0.0.1:1/a --camera bridge --once", "does not answer", id="no stream"),
        pytest.param("models pull yolo", "known are yolox-nano", id="weights that nobody measured"),
        pytest.param("footage remove {nothing}", "footage without a name", id="footage without a name"),
        pytest.param("search car.jpg --area junk.csv", "not GeoJSON", id="not an area"),
        pytest.param("plates compare --pairs car.jpg", "not a CSV", id="pairs that are a picture"),
        pytest.param("plates compare --pairs half.csv", "half.csv, line 2", id="half a pair"),
        pytest.param("embed sub --out v.npy", "this is a folder", id="a folder for a picture"),
        pytest.param("embed car.jpg --out junk.txt/v.npy", "not a folder", id="a file for a folder"),
        pytest.param("backup {archive}/inside", "lost with it", id="a backup inside the archive"),
        pytest.param("--archive junk.txt init", "is a file", id="a file where the archive should be"),
        pytest.param("--archive new init --database sqlite:///x", "nothing for SQLite", id="another SQLite file"),
        pytest.param(
            "roads reach --camera bridge --from 0001-01-01T00:00:00+14:00 --minutes 5", "1970 to 2199", id="a time B.C."
        ),
        pytest.param(
            "roads reach --camera bridge --from 2026-05-04T08:00:00Z --minutes 5 --edge 999999",
            "does not see edge 999999",
            id="a road that the camera does not see",
        ),
        pytest.param("demo --dir junk-dir --no-serve", "junk-dir", id="a demo where another city is"),
    ],
)
def test_bad_input_is_one_line_and_exit_1(
    command: str, hint: str, bench: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench / "junk-dir" / "city").mkdir(parents=True)
    (bench / "sub").mkdir()
    (bench / "half.csv").write_text("a,b\ncar.jpg\n")
    words = [word.format(archive=os.environ["RETRACE_ARCHIVE"], nothing="") for word in command.split()]
    output = run(words, capsys, monkeypatch)
    lines = output.err.strip().splitlines()
    assert output.code == 1
    assert output.out == ""
    assert hint in lines[-1]
    assert lines[-1].startswith("retrace: ")
    assert "internal error" not in output.err
    assert "Traceback" not in output.err


def test_the_module_runs_as_the_command() -> None:
    shown = subprocess.run([sys.executable, "-m", "ui.cli.main", "--help"], capture_output=True, text=True)
    assert shown.returncode == 0
    assert "search" in shown.stdout


@pytest.mark.parametrize(
    "command",
    [
        "search",
        "no-such-command",
        "serve --port 99999",
        "search --box 1,2,3 car.jpg",
        "search --box 1,2,nan,4 car.jpg",
        "search --place nan,15 car.jpg",
        "search --place 48,15,1e300 car.jpg",
        "search --horizon nan car.jpg",
        "search --horizon 1e300 car.jpg",
        "search --slack inf car.jpg",
        "search --type submarine",
        "sightings list --colour chartreuse",
        "roads reach --camera bridge --from 2026-05-04T08:00:00Z --minutes nan",
        "cameras move bridge --lat nan",
        "detect car.jpg --every -1",
        "ingest car.jpg --camera bridge --start auto --every nan",
        "city make town --minutes inf",
        "city make town --size 0x0",
        "city make town --size 99999999x9",
        "city make town --seed -5",
        "demo --seed x",
    ],
)
def test_wrong_usage_is_exit_2(
    command: str, bench: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = run(command.split(), capsys, monkeypatch)
    assert output.code == 2
    assert output.out == ""
    assert "retrace" in output.err


@pytest.mark.parametrize(
    ("word", "hint"), [("serach", "did you mean search?"), ("reprot", "did you mean report"), ("xyz", "--help lists")]
)
def test_a_mistyped_command_is_guessed(
    word: str, hint: str, bench: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = run([word, "--type", "car"], capsys, monkeypatch)
    assert output.code == 2
    assert f"there is no command '{word}'" in output.err
    assert hint in output.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said(bench: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # What a full disk says; a device that is always full is refused before it is opened.
    monkeypatch.setattr(np, "save", full)
    output = run(["embed", "car.jpg", "--out", "vectors.npy"], capsys, monkeypatch)
    assert output.code == 1
    assert "the disk is full" in output.err
    assert len(output.err.strip().splitlines()) == 1


def test_a_file_that_cannot_be_written_leaves_the_archive_as_it_was(bench: Path) -> None:
    write_osm(make_town(2), bench / "town.osm")
    command = [*RETRACE, "--archive", "empty", "roads", "import", "town.osm"]
    few_bytes = 20_000
    ended = subprocess.run(
        command,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few_bytes, few_bytes)),
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    with Archive.open(bench / "empty") as archive:
        assert current_places(archive).graph is None
        assert verify(archive) == []


def test_a_disk_that_refuses_writes_is_said_in_one_line(bench: Path) -> None:
    few_bytes = 2_000
    ended = subprocess.run(
        [*RETRACE, "--archive", "new", "init"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few_bytes, few_bytes)),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "the disk refuses" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_no_marks_of_its_making(name: str) -> None:
    """A raw docstring would show its \\b to the reader."""
    module, function = COMMANDS[name][0].split(":")
    command = getattr(importlib.import_module(module), function)
    for subcommand in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert "\\b" not in subcommand.get_help(click.Context(subcommand))


@pytest.mark.parametrize(("given", "kept"), [({}, "4"), ({"OPENBLAS_THREAD_TIMEOUT": "20"}, "20")])
def test_idle_threads_of_products_are_told_to_sleep_before_numpy_loads(given: dict[str, str], kept: str) -> None:
    code = "import os, sys, ui.cli; print('numpy' in sys.modules, os.environ['OPENBLAS_THREAD_TIMEOUT'])"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_THREAD_TIMEOUT"} | given
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert told.stdout.split() == ["False", kept]
