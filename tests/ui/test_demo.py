"""The demo makes a city, asks it, tells the truth, and uses again what an earlier run finished."""

import json
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.simulation.options import CityOptions
from ui.cli.demo import demo_document, demo_lines
from ui.cli.output import show
from ui.demo import Demo, DemoOptions, run_demo

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
    assert set(document) == {"dir", "cameras", "sightings", "query", "ranking", "itinerary", "truth", "seconds"}
    assert document["cameras"] == SMALL.cameras
    assert document["sightings"] > 0
    assert document["truth"]["relevant"] >= 1
    assert isinstance(document["truth"]["hit_at_1"], bool)
    assert document["seconds"]["total"] >= document["seconds"]["city"]
    assert all(candidate["sighting"] != document["query"]["sighting"] for candidate in document["ranking"])


@pytest.mark.slow
def test_the_demo_prints_question_answer_and_truth_in_that_order(demo_run: tuple[Demo, list[str]]) -> None:
    text = "\n".join(demo_lines(demo_run[0]))
    places = [text.index(part) for part in ("The question", "The answer", "The truth")]
    assert places == sorted(places)
    assert demo_run[0].asked.camera in text
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.slow
def test_a_second_run_makes_nothing_again(demo_run: tuple[Demo, list[str]]) -> None:
    demo, _ = demo_run
    notes: list[str] = []
    again = run_demo(demo.options, notes.append)
    assert not any("making a city" in line for line in notes)
    assert [c.sighting.id for c in again.ranking.candidates] == [c.sighting.id for c in demo.ranking.candidates]
    assert again.truth == demo.truth


@pytest.mark.slow
def test_another_seed_in_the_same_folder_is_refused(demo_run: tuple[Demo, list[str]]) -> None:
    other = DemoOptions(demo_run[0].options.folder, CityOptions(seed=4))
    with pytest.raises(ArchiveError, match=r"seed 1.*--dir"):
        run_demo(other, lambda line: None)


def test_a_city_that_was_half_made_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, *_: object) -> None:
        folder.mkdir(parents=True)
        (folder / "roads.osm").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ui.demo.make_city", fail)
    options = DemoOptions(tmp_path / "demo", SMALL)
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            run_demo(options, lambda line: None)
        assert not options.city.exists()
