"""The page fills an empty archive with the city of the demo, which a command makes."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.errors import ArchiveError
from index.map.places import current_places
from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from roadgraph.imports import read_roads
from tests.conftest import Car
from tests.ui.web.browsing import Visit, serve
from ui.web.demo_city import DemoCity, footage_of


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A function that puts a script in the place of the command."""

    def put(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr("sys.executable", str(path))

    return put


def make_small_city(folder: Path, film_street: Callable[..., Path]) -> None:
    """Write what the command makes: roads, a camera on them, and a short film."""
    folder.mkdir(parents=True)
    write_osm(make_town(1), folder / "roads.osm")
    lat, lon = read_roads(folder / "roads.osm").graph.position(0, 5.0)
    (folder / "cameras.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "quay", "bearing": 90},'
        f' "geometry": {{"type": "Point", "coordinates": [{lon}, {lat}]}}}}]}}',
        encoding="utf-8",
    )
    film_street(folder / "quay.mp4", [Car(enters_s=1.0, top=80)], 8.0)
    (folder / "footage.csv").write_text("path,camera,start\nquay.mp4,quay,2026-05-04T08:00:00Z\n", encoding="utf-8")


def test_what_the_command_says_is_told_and_its_city_imported(
    tmp_path: Path, film_street: Callable[..., Path], python: Callable[[str], None]
) -> None:
    make_small_city(tmp_path / "made", film_street)
    told: list[str] = []
    with Archive.create(tmp_path / "archive") as archive:
        demo = DemoCity.beside(archive.path)
        python(f'echo "$@"; echo quay filmed >&2; mkdir -p "{demo.folder}"; mv "{tmp_path}/made" "{demo.city}"')
        (job,) = footage_of(archive, demo, told.append)
        again = footage_of(archive, demo, told.append)
        assert [placed.camera.id for placed in current_places(archive).placed] == ["quay"]
    assert told == ["quay filmed"]
    assert again == [job]
    assert (job.camera, job.path) == ("quay", demo.city / "quay.mp4")


def test_a_command_that_fails_says_why(tmp_path: Path, python: Callable[[str], None]) -> None:
    python('echo making >&2; echo "retrace: no space left: free some" >&2; exit 1')
    with Archive.create(tmp_path / "archive") as archive:
        with pytest.raises(ArchiveError, match="the demo city could not be made: no space left: free some"):
            footage_of(archive, DemoCity.beside(archive.path), print)
        assert not current_places(archive).placed


def test_the_command_ends_with_the_process_that_wanted_the_city(tmp_path: Path, python: Callable[[str], None]) -> None:
    python(f"echo $$ > {tmp_path}/pid; exec sleep 60")
    Archive.create(tmp_path / "archive").close()
    process = multiprocessing.get_context("fork").Process(target=_want_city, args=(tmp_path / "archive",))
    process.start()
    number = int(_soon(lambda: (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else ""))
    process.terminate()
    process.join(20)
    assert process.exitcode == -signal.SIGTERM
    assert _soon(lambda: "gone" if _is_gone(number) else "") == "gone"


@pytest.mark.slow
def test_one_click_fills_an_empty_archive(browser: Any, tmp_path: Path, film_street: Callable[..., Path]) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        path = archive.path
    make_small_city(DemoCity.beside(path).city, film_street)
    for address, _ in serve(path):
        with browser.new_context() as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            visit.see(".st-key-make_demo button").click()
            visit.see(".st-key-ingest_running [role=status]")
            visit.see("h2:has-text('Where did this vehicle go?')")
            assert visit.complaints == []


def _want_city(path: Path) -> None:
    with Archive.open(path) as archive:
        footage_of(archive, DemoCity.beside(archive.path), print)


def _soon(look: Callable[[], str]) -> str:
    until = time.monotonic() + 20
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _is_gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
