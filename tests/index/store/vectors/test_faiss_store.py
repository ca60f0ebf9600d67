import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.records import NewChunk, NewSighting, Window
from index.store.archive import Archive
from index.store.vectors import segment_folder
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, make_sighting, scores_of

QUERIES = np.random.default_rng(99).standard_normal((2, 16)).astype(np.float32)


def slow_scores(news: Sequence[NewSighting], windows: Sequence[Window] | None) -> dict[str, float]:
    """The obvious version: each sighting in a window, the best of its shots over all queries."""
    return {
        new.id: float((new.vectors[MODEL].astype(np.float16).astype(np.float32) @ QUERIES.T).max())
        for new in news
        if windows is None or any(w.camera == new.camera and w.start <= new.best <= w.end for w in windows)
    }


def add_in_chunks(archive: Archive, news: Sequence[NewSighting], size: int) -> None:
    for start in range(0, len(news), size):
        archive.add(NewChunk(None, None, tuple(news[start : start + size])))


def segments(archive: Archive) -> list[Path]:
    return sorted((archive.path / "vectors").rglob("*.segment"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    from index.store.catalogue import cameras
    from tests.index.conftest import two_cameras

    archive = Archive.create(tmp_path_factory.mktemp("filled") / "archive")
    with archive.catalogue.writing() as connection:
        cameras.put(connection, two_cameras())
    add_in_chunks(archive, [make_sighting(n, shots=1 + n % 4) for n in range(120)], 7)
    return archive


seconds = st.integers(-100, 1300)
windows = st.none() | st.lists(
    st.builds(
        lambda camera, start, length: Window(
            camera, EIGHT + timedelta(seconds=start), EIGHT + timedelta(seconds=start + length)
        ),
        st.sampled_from(["a", "b", "nowhere"]),
        seconds,
        st.integers(0, 600),
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows, st.integers(1, 40))
def test_search_over_slices_equals_the_slow_version(filled: Archive, wanted: list[Window] | None, k: int) -> None:
    slow = slow_scores([make_sighting(n, shots=1 + n % 4) for n in range(120)], wanted)
    scores = scores_of(filled, QUERIES, wanted)
    assert scores.keys() == slow.keys()
    assert scores == pytest.approx(slow, abs=1e-4)
    hits = filled.vectors.search(MODEL, QUERIES, wanted, k)
    assert [hit.sighting for hit in hits] == sorted(scores, key=lambda id_: (-scores[id_], id_))[:k]
    assert [hit.score for hit in hits] == [scores[hit.sighting] for hit in hits]


def test_the_shot_of_a_hit_is_the_best_one(filled: Archive) -> None:
    query = make_sighting(7, shots=4).vectors[MODEL][2:3]
    hit = filled.vectors.search(MODEL, query, None, 1)[0]
    assert (hit.sighting, hit.shot) == ("sighting-00007", 2)


def test_many_small_segments_become_few(archive: Archive) -> None:
    news = [make_sighting(n) for n in range(3 * segment_folder.FAN)]
    add_in_chunks(archive, news, 1)
    assert len(segments(archive)) < segment_folder.FAN
    assert scores_of(archive, QUERIES) == pytest.approx(slow_scores(news, None), abs=1e-4)
    assert verify(archive) == []


@pytest.mark.parametrize(
    "damage", ["all gone", "one gone", "one cut off", "garbage", "an id flipped", "a row flipped", "older version"]
)
def test_losing_vector_files_loses_nothing(archive: Archive, damage: str) -> None:
    news = [make_sighting(n) for n in range(30)]
    add_in_chunks(archive, news, 4)
    before = archive.vectors.search(MODEL, QUERIES, None, 10)
    first = segments(archive)[0]
    if damage == "all gone":
        shutil.rmtree(archive.path / "vectors")
    elif damage == "one gone":
        first.unlink()
    else:
        content = damaged(first.read_bytes(), damage)
        first.unlink()
        first.write_bytes(content)
    with Archive.open(archive.path) as again:
        assert again.vectors.search(MODEL, QUERIES, None, 10) == before
        assert verify(again) == []
    if damage in ("all gone", "one gone"):
        assert archive.vectors.search(MODEL, QUERIES, None, 10) == before


def damaged(content: bytes, damage: str) -> bytes:
    """Return what is left of a segment of four sightings with three shots each."""
    id_ = content.index(b"sighting-0")
    rows = content.index(np.arange(0, 13, 3, dtype="<i8").tobytes())
    return {
        "one cut off": content[:-1],
        "garbage": b"garbage",
        "an id flipped": content[:id_] + b"\xff" + content[id_ + 1 :],
        "a row flipped": content[: rows + 14] + b"\x7f" + content[rows + 15 :],
        "older version": content.replace(b"VECTORS 2", b"VECTORS 1", 1),
    }[damage]


def test_a_reader_sees_what_another_process_adds_and_forgets(archive: Archive) -> None:
    add_in_chunks(archive, [make_sighting(0)], 1)
    with Archive.open(archive.path) as reader:
        assert len(scores_of(reader, QUERIES)) == 1
        add_in_chunks(archive, [make_sighting(n) for n in range(1, 30)], 3)
        assert len(scores_of(reader, QUERIES)) == 30
        archive.forget(["sighting-00003", "sighting-00029"])
        scores = scores_of(reader, QUERIES)
        assert set(scores) == {f"sighting-{n:05d}" for n in range(29) if n != 3}
        assert "sighting-00003" not in {hit.sighting for hit in reader.vectors.search(MODEL, QUERIES, None, 30)}
        assert verify(reader) == []


def test_a_folder_that_cannot_be_written_does_not_stop_a_search(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = [make_sighting(n) for n in range(5)]
    add_in_chunks(archive, news, 5)
    shutil.rmtree(archive.path / "vectors")
    monkeypatch.setattr("index.store.vectors.segments.write_segment", _refuse)
    with Archive.open(archive.path) as again:
        scores = scores_of(again, QUERIES)
    assert scores == pytest.approx(slow_scores(news, None), abs=1e-4)


def test_a_changed_vector_is_noticed(archive: Archive) -> None:
    add_in_chunks(archive, [make_sighting(n) for n in range(5)], 5)
    path = segments(archive)[0]
    content = bytearray(path.read_bytes())
    content[content.index(make_sighting(2).vectors[MODEL].astype("<f2").tobytes())] ^= 0xFF
    path.write_bytes(content)
    with Archive.open(archive.path) as again:
        assert [line for line in verify(again) if "differs from the catalogue" in line]
        rebuild(again)
        assert verify(again) == []


def test_rebuilding_drops_what_a_stopped_writer_and_a_lost_model_left(archive: Archive) -> None:
    add_in_chunks(archive, [make_sighting(n) for n in range(5)], 5)
    lost = archive.path / "vectors" / "lost%2Fmodel"
    lost.mkdir()
    for path in (segments(archive)[0].with_suffix(".1234.part"), lost / segments(archive)[0].name):
        path.write_bytes(b"half")
    rebuild(archive)
    assert len(segments(archive)) == 1
    assert not list(archive.path.rglob("*.part"))
    assert verify(archive) == []


def test_no_question_finds_nothing(filled: Archive) -> None:
    assert scores_of(filled, QUERIES[:0]) == {}
    assert filled.vectors.search(MODEL, QUERIES[:0], None, 3) == []


def test_an_unknown_model_finds_nothing(archive: Archive) -> None:
    assert archive.vectors.search("nothing", QUERIES, None, 5) == []
    assert scores_of(archive, QUERIES, model="nothing") == {}


def _refuse(*_: object) -> Path:
    raise PermissionError("read-only")
