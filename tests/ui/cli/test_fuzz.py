"""Whatever is written behind a command, and whatever kind of file it is given: one line, never an internal error."""

import json
import os
import random
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from tests.conftest import FRESH
from tests.index.conftest import make_sighting
from ui.cli.main import _one_line, retrace

HOURS = {
    ("serve",), ("demo",), ("adapt",), ("train",), ("evaluate", "rendered"), ("evaluate", "plates"),
    ("models", "pull"), ("city", "make"),
}  # fmt: skip
"""Commands that work for long, or ask other machines; their options are numbers whose ranges click checks."""

ENDLESS = {"ray"}
"""Options that start a cluster, or wait for one."""

NUMBERS = ("0", "1", "2", "-1", "0.5", "1e-320", "1e309", "nan", "inf", "99999999999999999999", "x", "", "0x10", "1_0")

WORDS = (
    "", " ", "a", "b", "bridge", "sighting-00001", "../..", "..", "/", "é", "\u202e", "x" * 5000, "{camera}",
    "{camera}{camera}", "{camera}*[", "[", "*", "(", "?", "%", "%s", "'", '"', "=1+1", "nan", "1,2", "1,2,3,4",
    "91,181",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-05-04T08:00:00Z", "2026-05-04T08:00:00", "auto", "clock",
    "car", "red", "motion", "histogram", "appearance", "Europe/Vienna", "+02:00", "\udce4", "|", "~", "#@?", "A" * 30,
    "time=x", "time=x,plate=y", "127.0.0.1", "-", "--", "\n", "\u0000"[:0] + "K" * 21,
)  # fmt: skip


@dataclass(frozen=True)
class Zoo:
    """An archive, and files of every wrong kind."""

    archive: Path
    files: tuple[Path, ...]


def png(width: int, height: int) -> bytes:
    """Return the head of a PNG that promises pixels and has none."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "zeros.mp4": bytes(4096),
    "noise.jpg": bytes(range(256)) * 16,
    "noise.csv": bytes(range(256)) * 16,
    "latin.csv": "path,camera,start\nk\xe4f.mp4,a,auto\n".encode("latin-1"),
    "manifest.csv": b"path,camera,start\nno.mp4,a,auto\n,,\n",
    "years.csv": b"time,camera,plate\n0001-01-01T00:00:00+10:00,a,KR1\n9999-12-31T23:59:59Z,a,KR2\n",
    "quotes.csv": b'time,camera,plate\n"2026-05-04T08:00:00Z,a,KR1\n',
    "nul.csv": b"time,camera,plate\n2026-05-04T08:00:00Z,a\x00,KR\x001\n",
    "pairs.csv": b"a,b\nno.jpg,no.jpg\n",
    "numbers.csv": b"id,lat,lon,bearing\n1e999,nan,inf,-1e308\n",
    "places.csv": b"id,lat,lon\nnorth,48.0,15.0\nNORTH,48.0,15.0\n",
    "deep.json": b"[" * 100_000,
    "deep.geojson": b'{"type":"Polygon","coordinates":' * 3000,
    "list.json": b"[]",
    "null.json": b"null",
    "number.json": b"1e999",
    "long.json": b"1" + b"0" * 5000,
    "nan.geojson": b'{"type":"Polygon","coordinates":[[[NaN,1],[2,Infinity],[3,3],[NaN,1]]]}',
    "line.geojson": b'{"type":"Polygon","coordinates":[[[1,1],[2,2]]]}',
    "wide.geojson": b'{"type":"Polygon","coordinates":[[[-1e308,0],[1e308,-1e308],[1e308,1e308],[-1e308,0]]]}',
    "strings.geojson": b'{"type":"Polygon","coordinates":[["a","b"],{"x":1},null]}',
    "points.geojson": json.dumps(
        {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [1e999, None]}}]}
    ).encode(),
    "mask.json": b'{"look": [[[0,0],[1e999,1],["x",1]]], "ignore": 5}',
    "lines.geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "geometry": {"type": "LineString", "coordinates": [[1, 1], [1, 1]]},
                    "properties": {"highway": "residential", "maxspeed": "nan"},
                }
            ],
        }
    ).encode(),
    "map.osm": b'<?xml version="1.0" encoding="utf-99"?><osm><node id="99999999999999999999" lat="x" lon="1"/></osm>',
    "map.graphml": b'<?xml version="1.0" encoding="tf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>',
    "bomb.graphml": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><graphml>&b;</graphml>',
    "map.osm.gz": b"\x1f\x8b\x08\x00garbage",
    "map.osm.bz2": b"BZh9garbage",
    "map.pbf": b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + bytes(64),
    "head.png": png(200, 200),
    "bomb.png": png(2**31 - 1, 2**31 - 1),
    "eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "head.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "tiff.tif": b"II*\x00\xff\xff\xff\xff",
    "head.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(32),
    "head.mkv": b"\x1aE\xdf\xa3\xff\xff\xff\xff\xff\xff\xff\xff",
    "playlist.m3u8": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
    "net.onnx": b"\x08\x07\x12\x04nope",
    "weights.safetensors": struct.pack("<Q", 2**60) + b"{}",
    "weights.pth": b"PK\x03\x04" + bytes(64),
    "array.npy": b"\x93NUMPY\x01\x00\xff\xff{'descr': '<f4'",
    "settings.toml": b"format = 1\nid = 5\n",
    "database.sqlite": b"SQLite format 3\x00" + bytes(100),
}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    folder = tmp_path_factory.mktemp("zoo")
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "folder" / "a_cam1.jpg").write_bytes(b"no picture")
    (folder / "folder" / "0001_c001_99999999999999999999_0.jpg").write_bytes(b"no picture")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    with Archive.create(folder / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.0, 15.0), StoredCamera("b", 48.0, 15.1)])
        archive.add(NewChunk(None, None, (make_sighting(1, text="KR12AB"), make_sighting(2))))
    names = (*CONTENTS, "folder", "loop", "pipe", "archive", "missing", "missing/below", "empty/below")
    return Zoo(folder / "archive", tuple(folder / name for name in names))


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its name, without those that work for hours."""
    waiting: list[tuple[tuple[str, ...], click.Command]] = [((), retrace)]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                found = command.get_command(context, word)
                assert found is not None
                waiting.append(((*name, word), found))
        elif not {name, name[:1]} & HOURS:
            yield name, command


COMMANDS = sorted(commands(), key=lambda found: found[0])


def internal_error(archive: Path, words: Sequence[str]) -> str | None:
    """Run a command on a copy of the archive; return the line of an error that nobody foresaw."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        shutil.copytree(archive, Path(folder) / "archive")
        patch.chdir(folder)
        patch.setenv("RETRACE_WEIGHTS", str(Path(folder) / "weights"))
        done = CliRunner().invoke(retrace, ["--archive", str(Path(folder) / "archive"), *words])
    error = done.exception
    if error is None or isinstance(error, (SystemExit, click.ClickException)):
        return None
    assert isinstance(error, Exception)
    line = _one_line(error)
    return line if line.startswith("internal error") else None


def values(parameter: click.Parameter, zoo: Zoo) -> st.SearchStrategy[str]:
    """Return what may be written for a parameter: what it is for, and what it is not."""
    files = st.sampled_from([str(path) for path in zoo.files])
    if isinstance(parameter.type, click.Path) or parameter.name == "videos":
        return st.one_of(files, files, files, st.sampled_from(WORDS))
    if isinstance(parameter.type, click.Choice):
        return st.sampled_from([*map(str, parameter.type.choices), "x"])
    if isinstance(
        parameter.type, (click.IntRange, click.FloatRange, click.types.IntParamType, click.types.FloatParamType)
    ):
        return st.sampled_from(NUMBERS)
    return st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_characters="\x00"), max_size=12))


@st.composite
def calls(draw: st.DrawFn, zoo: Zoo) -> list[str]:
    """Draw a command with some of its options, each with any value."""
    name, command = draw(st.sampled_from(COMMANDS))
    words, arguments = list(name), []
    for parameter in command.params:
        if parameter.name in ENDLESS:
            continue
        if isinstance(parameter, click.Argument):
            count = draw(st.integers(int(parameter.required), 2)) if parameter.nargs == -1 else max(1, parameter.nargs)
            arguments += [draw(values(parameter, zoo)) for _ in range(count)]
        elif parameter.required or draw(st.integers(0, 3)) == 0:
            words.append(parameter.opts[-1])
            if not getattr(parameter, "is_flag", False):
                words += [draw(values(parameter, zoo)) for _ in range(max(1, parameter.nargs))]
    if name == ("ingest",):
        words.append("--once")
    return [*words, "--", *arguments]


def check(zoo: Zoo, data: st.DataObject) -> None:
    words = data.draw(calls(zoo))
    assert internal_error(zoo.archive, words) is None


NO_DEADLINE: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=150, **NO_DEADLINE)
@given(data=st.data())
def test_no_option_of_any_command_ends_in_an_internal_error(zoo: Zoo, data: st.DataObject) -> None:
    check(zoo, data)


@pytest.mark.long
@pytest.mark.timeout(0)
@settings(max_examples=20_000, **NO_DEADLINE)
@given(data=st.data())
def test_no_option_of_any_command_ends_in_an_internal_error_however_long_one_tries(
    zoo: Zoo, data: st.DataObject
) -> None:
    check(zoo, data)


def takes_files() -> list[Any]:
    """Return each command with the parameter that takes a file that is there."""
    return [
        pytest.param(name, command, parameter, id=f"{' '.join(name)} {parameter.name}")
        for name, command in COMMANDS
        for parameter in command.params
        if (isinstance(parameter.type, click.Path) or parameter.name == "videos")
        and parameter.name not in ("out", "html")
    ]


SOME_FILES = 8

NEEDED = {
    "--camera": "a", "--start": "2026-05-04T08:00:00Z", "--zone": "Z", "--name": "mine", "--licence": "MIT",
    "--source": "here", "--family": "fast-reid", "--columns": "time=time", "camera": "a", "sighting": "sighting-00001",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "command", "parameter"), takes_files())
def test_no_kind_of_file_ends_in_an_internal_error(
    zoo: Zoo,
    name: tuple[str, ...],
    command: click.Command,
    parameter: click.Parameter,
    tmp_path: Path,
    random_seed: int,
) -> None:
    """Try some of the files in `make test`, another part for each command, and all of them in `make test-long`."""
    drawn = random.Random(f"{random_seed} {name} {parameter.name}").sample(zoo.files, SOME_FILES)
    videos = ["--camera", "a", "--start", "2026-05-04T08:00:00Z"]
    ingest = {"videos": videos, "manifest": [], "watch": ["--once", "--rest", "0"]}
    extra = ingest.get(parameter.name or "", ["--once"]) if name[0] == "ingest" else []
    found = []
    for path in zoo.files if FRESH else drawn:
        words, arguments = [*name, *extra], []
        for other in command.params:
            if isinstance(other, click.Argument):
                taken = str(path) if other is parameter else NEEDED.get(other.name or "", str(tmp_path / "x"))
                if other is parameter or other.required:
                    arguments.append(taken)
            elif other is parameter:
                words += [other.opts[-1], str(path)]
            elif other.required:
                for opt in other.opts[-1:]:
                    words += [opt, NEEDED.get(opt, str(tmp_path / "out"))]
        line = internal_error(zoo.archive, [*words, "--", *arguments])
        found += [f"{path.name}: {line}"] if line else []
    assert not found, "\n".join(found)
