"""The demo makes a city, asks it, tells the truth, and uses again what an earlier run finished."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.access.browse import best_shot
from index.access.footage_view import open_frame
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.simulation import truth
from index.simulation.city import START, UNFINISHED
from index.simulation.options import CityOptions, CityRecord, write_city_record
from index.simulation.truth import TruePassage
from index.store.archive import Archive
from tests.ui.web.browsing import Visit, serve
from tests.ui.web.whole_job import VIENNA, ask_about, choose_nearest, drop, work_on
from ui import demo as module
from ui.cli.demo import demo, demo_document
from ui.cli.demo_lines import demo_lines
from ui.cli.output import show
from ui.demo import Demo, DemoOptions, have_city, run_demo
from ui.web.words import percent

SMALL = CityOptions(seed=1, cameras=3, vehicles=120, minutes=1.0, fps=6.0, width=960, height=540, preset="easy")


@pytest.fixture(scope="module")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, list[str]]:
    notes: list[str] = []
    return run_demo(DemoOptions(tmp_path_factory.mktemp("demo") / "demo", SMALL), notes.append), notes


@pytest.mark.slow
def test_the_demo_answers_and_knows_what_is_true(
    demo_run: tuple[Demo, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, notes = demo_run
    assert "asking one question" in notes
    show(demo_document(demo), True, ())
    document = json.loads(capsys.readouterr().out)
    contract = {"dir", "cameras", "sightings", "query", "ranking", "itinerary", "truth", "seconds"}
    assert set(document) == contract | {"alternatives", "area_now", "chosen", "absent"}
    assert document["cameras"] == SMALL.cameras
    assert document["sightings"] > 0
    assert document["truth"]["relevant"] >= 1
    assert isinstance(document["truth"]["hit_at_1"], bool)
    assert document["seconds"]["total"] >= document["seconds"]["city"]
    assert all(candidate["sighting"] != document["query"]["sighting"] for candidate in document["ranking"])


@pytest.mark.slow
def test_the_demo_prints_question_answer_and_truth_in_that_order(demo_run: tuple[Demo, list[str]]) -> None:
    text = "\n".join(demo_lines(demo_run[0]))
    parts = ("The question", "Chosen for the story", "The answer", "Its way", "Now, at", "The truth", "The second")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert f"passed {demo_run[0].chosen.asked.camera} at " in text
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.slow
def test_the_demo_tells_local_times_with_their_zone(
    demo_run: tuple[Demo, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo, _ = demo_run
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        text = "\n".join(demo_lines(demo))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "JST, UTC+09:00" in text
    assert f"{demo.chosen.asked.best + timedelta(hours=9):%H:%M:%S}" in text


@pytest.mark.slow
def test_the_words_beside_an_answer_are_those_of_the_truth(demo_run: tuple[Demo, list[str]]) -> None:
    demo, _ = demo_run
    assert demo.absent is not None
    turned = replace(demo, truth=replace(demo.truth, same=frozenset(), in_area=False), absent=None)
    first = demo.ranking.candidates[0].sighting
    said, turned_said = ("\n".join(demo_lines(one)) for one in (demo, turned))
    assert first.id in demo.truth.same
    assert any(line.endswith(": right") and first.camera in line for line in said.splitlines())
    assert ": right" not in turned_said.replace("right, it is there", "")
    assert "wrong, it is elsewhere" in turned_said
    assert "every vehicle recurs" in turned_said


@pytest.mark.slow
def test_the_second_question_is_about_a_vehicle_that_passes_once(demo_run: tuple[Demo, list[str]]) -> None:
    demo, _ = demo_run
    absent = demo.absent
    assert absent is not None
    passages = [row for row in truth.read(demo.options.city, TruePassage) if row.vehicle == absent.vehicle.vehicle]
    assert [passage.camera for passage in passages] == [absent.vehicle.asked.camera]
    assert absent.query.sighting == absent.vehicle.asked.id
    text = "\n".join(demo_lines(demo))
    if absent.nobody is not None:
        assert f"{percent(absent.nobody)} that no other camera saw it" in text


@pytest.mark.slow
def test_a_second_run_makes_nothing_again(demo_run: tuple[Demo, list[str]]) -> None:
    demo, _ = demo_run
    notes: list[str] = []
    again = run_demo(demo.options, notes.append)
    assert not any("making a city" in line for line in notes)
    assert [c.sighting.id for c in again.ranking.candidates] == [c.sighting.id for c in demo.ranking.candidates]
    assert again.truth == demo.truth


@pytest.mark.slow
def test_the_command_tells_of_the_city_alone(demo_run: tuple[Demo, list[str]]) -> None:
    folder = demo_run[0].options.folder
    done = CliRunner().invoke(demo, ["--dir", str(folder), "--seed", "1", "--city-only", "--json"])
    assert json.loads(done.stdout) == {"dir": str(folder), "city": str(folder / "city"), "vehicles": SMALL.vehicles}


def test_an_investigator_does_the_whole_job_on_its_city(
    browser: Any, demo_run: tuple[Demo, list[str]], tmp_path: Path
) -> None:
    """From a whole frame of its video, in which the vehicle that it asks about is chosen."""
    demo, _ = demo_run
    asked, photograph = demo.chosen.asked, tmp_path / "frame.jpg"
    with Archive.open(demo.options.archive) as archive:
        photograph.write_bytes(open_frame(archive, asked, local_person()))
    for address, archive_path in serve(demo.options.archive):
        with browser.new_context(timezone_id=VIENNA.key, locale="en") as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            drop(visit, photograph)
            box = (best_shot(asked) or asked).box
            choose_nearest(visit, (box.x + box.width / 2) / SMALL.width, (box.y + box.height / 2) / SMALL.height)
            ask_about(visit, asked.camera, asked.best)
            work_on(visit, archive_path, tmp_path, asked.attributes.colour or "")


@pytest.mark.slow
def test_another_seed_in_the_same_folder_is_refused(demo_run: tuple[Demo, list[str]]) -> None:
    other = DemoOptions(demo_run[0].options.folder, CityOptions(seed=4))
    with pytest.raises(ArchiveError, match=r"seed 1.*--dir"):
        run_demo(other, lambda line: None)


def test_a_city_that_was_half_made_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, *_: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / UNFINISHED).touch()
        (folder / "roads.osm").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ui.demo.make_city", fail)
    options = DemoOptions(tmp_path / "demo", SMALL)
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            run_demo(options, lambda line: None)
        assert not options.city.exists()


def test_a_folder_of_somebody_else_is_no_unfinished_city(tmp_path: Path) -> None:
    """It was deleted, with all that lay in it."""
    (tmp_path / "city.part").mkdir()
    (tmp_path / "city.part" / "mine.txt").touch()
    with pytest.raises(ArchiveError, match="not empty"):
        have_city(DemoOptions(tmp_path, SMALL), lambda line: None)
    assert (tmp_path / "city.part" / "mine.txt").exists()


@pytest.mark.parametrize("stopped", ["while it was made", "before it got its name"])
def test_a_city_that_was_stopped_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: str) -> None:
    part, made = tmp_path / "city.part", []

    def make(folder: Path, options: CityOptions, note: object) -> None:
        made.append(folder)
        (folder / "truth").mkdir()
        write_city_record(folder, CityRecord.of(options, START))

    if stopped == "while it was made":
        part.mkdir()
        (part / UNFINISHED).touch()
    else:
        (part / "truth").mkdir(parents=True)
        write_city_record(part, CityRecord.of(SMALL, START))
    monkeypatch.setattr(module, "make_city", make)
    assert have_city(DemoOptions(tmp_path, SMALL), lambda line: None).seed == SMALL.seed
    assert made == ([part] if stopped == "while it was made" else [])
