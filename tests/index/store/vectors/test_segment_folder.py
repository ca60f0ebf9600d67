"""What happens to the segment files as batches come and go."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, select

from index.access.permissions import local_person
from index.records import Description, NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras, models, tables, vectors
from index.store.catalogue.columns import to_micros
from index.store.catalogue.database import insert_many
from index.store.catalogue.models import StoredModel
from index.store.vectors import merging, segment_files
from index.store.vectors.segments import Segment, camera_spans
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.conftest import DIMS, EIGHT, MODEL, make_sighting, scores_of, two_cameras

QUERY = np.random.default_rng(99).standard_normal((1, DIMS)).astype(np.float32)
FOLDER = Path("vectors") / MODEL


def add(archive: Archive, *numbers: int) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in numbers)))


def bytes_of(number: int) -> bytes:
    """The vectors of a sighting as files hold them."""
    return make_sighting(number).vectors[MODEL].astype("<f2").tobytes()


def holding(archive: Archive, number: int) -> list[Path]:
    return [path for path in (archive.path / FOLDER).iterdir() if bytes_of(number) in path.read_bytes()]


def written(archive: Archive) -> set[tuple[int, int]]:
    """The segment files, whatever they are called: a file that was written anew is another one."""
    states = [path.stat() for path in (archive.path / FOLDER).glob("*.segment")]
    return {(state.st_ino, state.st_mtime_ns) for state in states}


def expected(archive: Archive) -> dict[str, float]:
    """The obvious version: each sighting of the catalogue that nobody has forgotten, from its row."""
    alive = select(tables.vectors.c.sighting, tables.vectors.c.data).join_from(tables.vectors, tables.sightings)
    with archive.catalogue.reading() as connection:
        rows = connection.execute(alive.where(tables.sightings.c.deleted_at.is_(None))).all()
    products = {row.sighting: np.frombuffer(row.data, "<f2").reshape(-1, DIMS).astype(np.float32) for row in rows}
    return {id_: float((matrix @ QUERY[0]).max()) for id_, matrix in products.items()}


def test_after_a_purge_no_file_holds_a_vector_that_it_deleted_and_other_files_stay(archive: Archive) -> None:
    for number in range(6):
        add(archive, *range(10 * number, 10 * number + 10))
    before = written(archive)
    assert len(before) == 6
    assert all(holding(archive, number) for number in range(60))
    purge(archive, make_sighting(25).best, local_person())
    assert not [number for number in range(25) if holding(archive, number)]
    assert scores_of(archive, QUERY) == pytest.approx(expected(archive), abs=1e-4)
    assert all(holding(archive, number) for number in range(25, 60))
    after = written(archive)
    assert len(after) == 4
    assert len(after & before) == 3, "only the segment that holds 20 to 29 is written anew"
    assert verify(archive) == []


def test_a_writer_that_comes_after_the_purge_writes_nothing_that_it_deleted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(archive, 0)
    add_to_segments = archive.vectors.add

    def too_late(*arguments: Any) -> None:
        archive.forget(["sighting-00001"])
        archive.vectors.wipe()
        add_to_segments(*arguments)

    monkeypatch.setattr(archive.vectors, "add", too_late)
    add(archive, 1, 2)
    assert not holding(archive, 1)
    assert set(scores_of(archive, QUERY)) == {"sighting-00000", "sighting-00002"}
    assert verify(archive) == []


def test_a_full_disk_does_not_keep_a_purged_vector(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(merging.FAN):
        add(archive, number)
    archive.forget(["sighting-00003"])

    def refuse(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(segment_files, "write_segment", refuse)
        with pytest.raises(OSError, match="No space left"):
            archive.vectors.wipe()
    assert not holding(archive, 3)
    assert len(scores_of(archive, QUERY)) == merging.FAN - 1


@pytest.mark.parametrize("other", ["longer vectors", "another model"])
def test_a_file_of_another_model_is_made_again(archive: Archive, other: str) -> None:
    """It may have come with somebody's archive: with vectors of another length, every question ended in an error."""
    add(archive, *range(10))
    (path,) = (archive.path / FOLDER).glob("*.segment")
    own = segment_files.read_segment(path)
    wide = np.repeat(np.asarray(own.vectors), 2, axis=1)
    segment_files.write_segment(
        archive.path / FOLDER,
        replace(own, vectors=wide) if other == "longer vectors" else replace(own, model="another"),
    )
    with Archive.open(archive.path) as opened:
        assert scores_of(opened, QUERY) == pytest.approx(expected(archive), abs=1e-4)
        assert verify(opened) == []


def test_batches_of_two_models_in_turn_leave_no_gaps(archive: Archive) -> None:
    for number in range(4 * merging.FAN):
        sighting = make_sighting(number)
        sighting.vectors["looks-2"] = sighting.vectors[MODEL][:, :8] + 1.0  # type: ignore[index]
        archive.add(NewChunk(None, None, (sighting,)))
    opened = [segment_files.read_segment(path) for path in sorted((archive.path / FOLDER).glob("*.segment"))]
    spans = sorted(span for segment in opened for span in segment.covers)
    assert len(spans) == len(opened)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


@pytest.fixture(scope="module", params=[100, 20_000])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive with so many batches, all but the newest in one segment."""
    with Archive.create(tmp_path_factory.mktemp("grown") / "archive") as made:
        with made.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        put_batches(made, request.param)
        yield made


def put_batches(archive: Archive, count: int) -> None:
    """Write batches of one sighting each, without the rows of sightings that nothing here reads, and their segment."""
    rng = np.random.default_rng(0)
    with archive.catalogue.writing() as connection:
        models.remember(connection, [StoredModel(MODEL, "appearance", DIMS)], at=EIGHT)
        insert_many(connection, tables.batches, [{"model": MODEL, "rows": 1} for _ in range(count)])
    segment = Segment(
        model=MODEL,
        cameras=camera_spans(["a"] * count),
        vectors=rng.standard_normal((count, DIMS)).astype("<f2"),
        rows=np.arange(count + 1),
        best=np.arange(count) + to_micros(EIGHT),
        batch=np.arange(1, count + 1),
        ids=np.array([b"old-%06d" % number for number in range(count)]),
        descriptions=(Description(),),
        described=np.zeros(count, np.uint16),
        covers=((0, count + 1),),
        removals=0,
    )
    segment_files.write_segment(archive.path / FOLDER, segment)


steps: dict[int, int] = {}


def test_a_chunk_and_the_next_question_take_no_more_steps_after_more_batches(grown: Archive) -> None:
    """SQLite counts the instructions of its own machine: no clock that a busy computer disturbs."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    add(grown, 0)
    grown.vectors.search(MODEL, QUERY, [], 3)
    grown.catalogue.close()
    event.listen(grown.catalogue.engine, "connect", lambda driver, _: driver.set_progress_handler(count, 10))
    add(grown, 1)
    before_question = counted
    grown.vectors.search(MODEL, QUERY, [], 3)
    assert counted > before_question > 0
    with grown.catalogue.reading() as connection:
        steps[vectors.state(connection, MODEL).newest] = counted
    assert max(steps.values()) < 1.1 * min(steps.values()), steps


def test_a_segment_that_covers_batches_to_come_hides_none_of_them(archive: Archive, caplog: Any) -> None:
    """In an archive of somebody else: what was added later was found by nobody, until `verify`."""
    add(archive, 1)
    scores_of(archive, QUERY)
    (path,) = (archive.path / FOLDER).glob("*.segment")
    greedy = replace(segment_files.read_segment(path), covers=((0, 1_000_000),))
    path.unlink()
    segment_files.write_segment(archive.path / FOLDER, greedy)
    with Archive.open(archive.path) as reopened:
        add(reopened, 2)
        assert scores_of(reopened, QUERY) == pytest.approx(expected(reopened), abs=1e-6)
        assert "still to come" in caplog.text
        assert verify(reopened) == []


def test_a_segment_of_a_batch_that_was_removed_since_stays(archive: Archive) -> None:
    add(archive, 1, 2)
    add(archive, 3)
    scores_of(archive, QUERY)
    archive.forget([make_sighting(3).id])
    before = written(archive)
    with Archive.open(archive.path) as reopened:
        assert scores_of(reopened, QUERY) == pytest.approx(expected(reopened), abs=1e-6)
    assert written(archive) == before
