"""The examples of docs/python.md run in order, in one namespace, on two short clips of a made street."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reid.images import encode_jpeg
from tests.conftest import draw_street
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def files(tmp_path: Path, film_street: Callable[..., Path], car: type, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the files that the page names, and make their folder the current one."""
    write_osm(tmp_path / "town.osm", rows=5, columns=6)
    places = [f"{name},{LAT0 + i * STEP},{LON0 + (i + 0.5) * STEP},90" for i, name in enumerate(("bridge", "harbour"))]
    (tmp_path / "cameras.csv").write_text("\n".join(["id,lat,lon,bearing", *places]))
    for name, enters_s in (("bridge", 1.0), ("harbour", 1.5)):
        film_street(tmp_path / f"{name}.mp4", [car(enters_s, 60)], 8.0)
    (tmp_path / "car.jpg").write_bytes(encode_jpeg(draw_street([car(0.0, 60)], 3.0)[50:100, 120:190]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_examples_run(files: Path) -> None:
    namespace: dict[str, object] = {}
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        exec(compile(block, PAGE.name, "exec"), namespace)
    assert [file.status for file in namespace["files"]] == ["done", "done"]  # type: ignore[attr-defined]
    assert [candidate.sighting.camera for candidate in namespace["ranking"].candidates]  # type: ignore[attr-defined]
