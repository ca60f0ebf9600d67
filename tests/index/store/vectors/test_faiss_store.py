import shutil
from pathlib import Path

import numpy as np
import pytest

from index.store.archive import Archive
from index.store.vectors import merging
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import MODEL, make_sighting, scores_of
from tests.index.store.vectors.test_vector_stores import QUERIES, add_in_chunks, slow_scores


def segments(archive: Archive) -> list[Path]:
    return sorted((archive.path / "vectors").rglob("*.segment"))


def test_many_small_segments_become_few(archive: Archive) -> None:
    news = [make_sighting(n) for n in range(3 * merging.FAN)]
    add_in_chunks(archive, news, 1)
    assert len(segments(archive)) < merging.FAN
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
        "older version": content.replace(b"VECTORS 3", b"VECTORS 2", 1),
    }[damage]


def test_a_folder_that_cannot_be_written_does_not_stop_a_search(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = [make_sighting(n) for n in range(5)]
    add_in_chunks(archive, news, 5)
    shutil.rmtree(archive.path / "vectors")
    monkeypatch.setattr("index.store.vectors.segment_files.write_segment", _refuse)
    with Archive.open(archive.path) as again:
        scores = scores_of(again, QUERIES)
    assert scores == pytest.approx(slow_scores(news, None), abs=1e-4)


def test_a_damaged_file_in_a_folder_that_cannot_be_written_does_not_stop_a_search(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = [make_sighting(n) for n in range(5)]
    add_in_chunks(archive, news, 5)
    first = segments(archive)[0]
    first.write_bytes(first.read_bytes()[:-1])
    monkeypatch.setattr("index.store.vectors.segment_files.write_segment", _refuse)
    monkeypatch.setattr(Path, "unlink", _refuse)
    with Archive.open(archive.path) as again:
        assert scores_of(again, QUERIES) == pytest.approx(slow_scores(news, None), abs=1e-4)


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


def _refuse(*_: object, **__: object) -> Path:
    raise PermissionError("read-only")
