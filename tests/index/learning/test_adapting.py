import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from index.access.permissions import NotAllowedError, local_person
from index.answers import Query
from index.errors import ArchiveError
from index.ingest.describing import weights_for
from index.learning import adapting
from index.learning.adapting import AdaptOptions, AdaptProgress, ModelComparison, adapt
from index.learning.labels import pick_labels
from index.learning.labels_file import read_labels, write_labels
from index.records import NewChunk, NewSighting
from index.search.search import search
from index.store.archive import Archive
from index.store.archive_file import ADAPTING
from index.store.catalogue import cameras, models
from index.store.catalogue.people import Person
from reid.appearance.embedders import make_embedder
from reid.evaluation.intervals import Figure
from reid.images import encode_jpeg
from reid.weights import find_weights, write_card
from tests.index.conftest import EIGHT, make_sighting, two_cameras

OPTIONS = AdaptOptions(steps=1, shots=1)
QUIET = AdaptProgress(lambda _: None, lambda _: None)
ME = local_person()


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """Twenty vehicles, each read on both cameras, embedded by the packaged weights."""
    monkeypatch.setenv("RETRACE_WEIGHTS", str(tmp_path / "weights"))
    embedder = make_embedder("appearance", threads=1)
    news = [seen(number, camera) for number in range(20) for camera in "ab"]
    pictures = [np.asarray(picture(number)) for number in range(20)]
    vectors = embedder.embed(pictures)
    named = [replace(new, vectors={embedder.model_id: vectors[i // 2][None]}) for i, new in enumerate(news)]
    with Archive.create(tmp_path / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        archive.add(NewChunk(None, None, tuple(named)))
        yield archive


def picture(number: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    paint = np.random.default_rng(number).integers(0, 256, 3)
    return np.broadcast_to(paint, (40, 60, 3)).astype(np.uint8)


def seen(number: int, camera: str) -> NewSighting:
    made = make_sighting(2 * number + (camera == "b"), camera=camera, text=f"KR{number:04d}X", shots=1)
    time = EIGHT + timedelta(seconds=60 * number + 100 * (camera == "b"))
    shots = tuple(replace(shot, time=time, jpeg=encode_jpeg(picture(number))) for shot in made.shots)
    return replace(made, first=time, best=time, last=time + timedelta(seconds=1), shots=shots)


def comparisons_end_with(monkeypatch: pytest.MonkeyPatch, gain: float) -> None:
    """Let every comparison end like this."""
    found = ModelComparison(Figure(0.5), Figure(0.5 + gain), Figure(gain, gain - 0.1, gain + 0.1), 9, 18, 40)
    monkeypatch.setattr(adapting, "compare", lambda *_: found)


def in_use(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [model.id for model in models.listing(connection, kind="appearance")]


def test_better_weights_are_put_to_use_and_answer(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    comparisons_end_with(monkeypatch, 0.1)
    adapted = adapt(town, ME, OPTIONS, QUIET)
    assert adapted.model is not None
    assert adapted.embedded == 40
    assert in_use(town) == [adapted.model]
    assert adapted.model == find_weights(weights_for(town, "appearance")).model_id
    *_, last = search(town, Query(sighting="sighting-00000"), ME)
    assert last.candidates[0].sighting.id == "sighting-00001"
    *_, shown = search(town, Query(pictures=(picture(3),)), ME)
    assert {one.sighting.id for one in shown.candidates[:2]} == {"sighting-00006", "sighting-00007"}
    assert not (town.path / ADAPTING).exists()


def test_worse_weights_change_nothing(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    comparisons_end_with(monkeypatch, -0.1)
    adapted = adapt(town, ME, OPTIONS, QUIET)
    assert adapted.model is None
    assert in_use(town) == [find_weights("appearance").model_id]
    assert weights_for(town, "appearance") == "appearance"


def test_after_a_stop_the_same_command_continues_with_the_same_weights(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparisons_end_with(monkeypatch, 0.1)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt(town, ME, OPTIONS, AdaptProgress(lambda _: None, stop))
    assert in_use(town) == [find_weights("appearance").model_id]
    name = next(path.stem for path in sorted((town.path.parent / "weights").glob("*.onnx")))
    adapted = adapt(town, ME, OPTIONS, AdaptProgress(pytest.fail, lambda _: None))
    assert adapted.model == find_weights(name).model_id
    assert adapted.embedded == 0


def test_after_a_stop_behind_the_switch_the_same_command_says_what_is_in_use(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compared the tuned weights with themselves, and said that they were not better and the others stay."""
    with monkeypatch.context() as patch:
        comparisons_end_with(patch, 0.1)
        patch.setattr(adapting.shutil, "rmtree", lambda _: pytest.exit("killed"))
        with pytest.raises(pytest.exit.Exception):
            adapt(town, ME, OPTIONS, QUIET)
    used = in_use(town)
    comparisons_end_with(monkeypatch, 0.0)
    adapted = adapt(town, ME, OPTIONS, AdaptProgress(pytest.fail, pytest.fail))
    assert [adapted.model] == used == in_use(town)
    assert not (town.path / ADAPTING).exists()


def test_weights_that_came_with_an_archive_take_the_place_of_no_others(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives an archive away may put finished work into it, and name it as they like."""
    comparisons_end_with(monkeypatch, 0.1)
    folder = town.path / ADAPTING
    folder.mkdir()
    card = find_weights("appearance").card
    (folder / "adapted.onnx").write_bytes(b"anything")
    write_card(card, folder / "adapted.json")
    with pytest.raises(ArchiveError, match="not as adapt names weights"):
        adapt(town, ME, OPTIONS, QUIET)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"vehicle": [10**9] * 40}, id="a billion vehicles"),
        pytest.param({"vehicle": [-1] * 40}, id="vehicles below the first"),
        pytest.param({"vehicle": [2**70] * 40}, id="numbers that no array holds"),
        pytest.param({"vehicle": "many"}, id="a text for numbers"),
        pytest.param({"rivals": [[0, 10**12]]}, id="rivals that are not there"),
        pytest.param({"rivals": [[0, 1, 0]]}, id="three rivals"),
        pytest.param({"ids": [1] * 40}, id="numbers for texts"),
        pytest.param({"cameras": []}, id="no cameras"),
        pytest.param({"held_out": 5}, id="a number for lists"),
    ],
)
def test_labels_that_came_with_an_archive_are_not_believed(
    town: Archive, change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The matrix of rivals grows with the square of the largest number: one of a billion took all memory."""
    comparisons_end_with(monkeypatch, 0.1)
    folder = town.path / ADAPTING
    folder.mkdir()
    labels = pick_labels(town, most=OPTIONS.most)
    write_labels(folder / "labels.json", labels)
    assert read_labels(folder / "labels.json", most=OPTIONS.most).ids == labels.ids
    stored = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps({**stored, **change}))
    with pytest.raises(ArchiveError, match=r"labels\.json does not hold the labels"):
        adapt(town, ME, OPTIONS, QUIET)


def test_more_labels_than_may_be_learned_from_are_refused(town: Archive) -> None:
    (town.path / ADAPTING).mkdir()
    write_labels(town.path / ADAPTING / "labels.json", pick_labels(town, most=OPTIONS.most))
    with pytest.raises(ArchiveError, match="begun with 40 sightings"):
        adapt(town, ME, replace(OPTIONS, most=10), QUIET)


def test_without_plates_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        archive.add(NewChunk(None, None, (make_sighting(0),)))
        with pytest.raises(ArchiveError, match="take in more footage"):
            adapt(archive, ME, OPTIONS, QUIET)


def test_viewers_may_not_adapt(town: Archive) -> None:
    with pytest.raises(NotAllowedError):
        adapt(town, Person("guest", "viewer"), OPTIONS, QUIET)
