"""What every vector store promises, asked of each of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from index.access.permissions import local_person
from index.records import Description, NewChunk, NewSighting, Window
from index.store.archive import Archive
from index.store.catalogue import cameras, sighting_writing, tables
from index.store.vectors import VECTOR_STORES
from index.store.vectors.hits import ANY
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from reid.vehicle import Attributes
from tests.conftest import unavailable
from tests.index.conftest import DIMS, EIGHT, MODEL, make_sighting, scores_of, two_cameras

DESCRIBED = [
    replace(make_sighting(n, shots=1 + n % 4), attributes=Attributes({type_: 1.0} if type_ else {}, {colour: 1.0}))
    for n in range(120)
    for type_, colour in [(("car", "car", "bus", None)[n % 4], ("red", "blue", "white")[n % 3])]
]
QUERIES = np.random.default_rng(99).standard_normal((2, 16)).astype(np.float32)


def slow_scores(
    news: Sequence[NewSighting], windows: Sequence[Window] | None, description: Description = ANY
) -> dict[str, float]:
    """The obvious version: each sighting in a window that fits, the best of its shots over all queries."""
    return {
        new.id: float((new.vectors[MODEL].astype(np.float16).astype(np.float32) @ QUERIES.T).max())
        for new in news
        if windows is None or any(w.camera == new.camera and w.start <= new.best <= w.end for w in windows)
        if description.type in (None, new.attributes.type) and description.colour in (None, new.attributes.colour)
    }


def add_in_chunks(archive: Archive, news: Sequence[NewSighting], size: int) -> None:
    for start in range(0, len(news), size):
        archive.add(NewChunk(None, None, tuple(news[start : start + size])))


def empty_archive(folder: Path, store: str, database: str | None = None) -> Archive:
    """An archive whose vectors lie in a store; Milvus is milvus-lite, with the same client."""
    if store == "milvus":
        for needed in ("pymilvus", "milvus_lite"):
            try:
                __import__(needed)
            except ImportError as error:
                unavailable("milvus", str(error))
    url = f"milvus:{folder}/milvus.db" if store == "milvus" else None
    archive = Archive.create(folder / "archive", database, url)
    with archive.catalogue.writing() as connection:
        cameras.put(connection, two_cameras())
    return archive


def expected(archive: Archive) -> dict[str, float]:
    """The obvious version: each sighting of the catalogue that nobody has forgotten, from its row."""
    alive = select(tables.vectors.c.sighting, tables.vectors.c.data).join_from(tables.vectors, tables.sightings)
    with archive.catalogue.reading() as connection:
        rows = connection.execute(alive.where(tables.sightings.c.deleted_at.is_(None))).all()
    products = {row.sighting: np.frombuffer(row.data, "<f2").reshape(-1, DIMS).astype(np.float32) for row in rows}
    return {id_: float((matrix @ QUERIES.T).max()) for id_, matrix in products.items()}


@pytest.fixture(params=[*VECTOR_STORES, "faiss beside postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive on each store."""
    store, _, server = request.param.partition(" beside ")
    with empty_archive(tmp_path, store, request.getfixturevalue("postgres_url") if server else None) as archive:
        yield archive


@pytest.fixture(scope="module", params=VECTOR_STORES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = empty_archive(tmp_path_factory.mktemp("filled"), request.param)
    add_in_chunks(archive, DESCRIBED, 7)
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


descriptions = st.builds(
    Description, st.sampled_from([None, None, "car", "bus", "truck"]), st.sampled_from([None, None, "red", "blue"])
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows, descriptions, st.integers(1, 40), st.sampled_from([None, 1, 3]))
def test_search_over_slices_equals_the_slow_version(
    filled: Archive, wanted: list[Window] | None, description: Description, k: int, threads: int | None
) -> None:
    slow = slow_scores(DESCRIBED, wanted, description)
    found = filled.vectors.all_scores(MODEL, QUERIES, wanted, description=description, threads=threads)
    scores = {id_.decode(): score for id_, score in zip(found.ids.tolist(), found.values.tolist(), strict=True)}
    assert scores.keys() == slow.keys()
    assert scores == pytest.approx(slow, abs=1e-4)
    hits = filled.vectors.search(MODEL, QUERIES, wanted, k, description=description, threads=threads)
    assert [hit.sighting for hit in hits] == sorted(scores, key=lambda id_: (-scores[id_], id_))[:k]
    assert [hit.score for hit in hits] == [scores[hit.sighting] for hit in hits]


def test_the_shot_of_a_hit_is_the_best_one(filled: Archive) -> None:
    query = make_sighting(7, shots=4).vectors[MODEL][2:3]
    hit = filled.vectors.search(MODEL, query, None, 1)[0]
    assert (hit.sighting, hit.shot) == ("sighting-00007", 2)


def test_a_reader_sees_what_another_process_adds_and_forgets(kept: Archive) -> None:
    add_in_chunks(kept, [make_sighting(0)], 1)
    with Archive.open(kept.path) as reader:
        assert len(scores_of(reader, QUERIES)) == 1
        add_in_chunks(kept, [make_sighting(n) for n in range(1, 30)], 3)
        assert len(scores_of(reader, QUERIES)) == 30
        kept.forget(["sighting-00003", "sighting-00029"])
        scores = scores_of(reader, QUERIES)
        assert set(scores) == {f"sighting-{n:05d}" for n in range(29) if n != 3}
        assert "sighting-00003" not in {hit.sighting for hit in reader.vectors.search(MODEL, QUERIES, None, 30)}
        assert verify(reader) == []


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_the_answer_is_that_of_the_catalogue(kept: Archive, seed: int) -> None:
    """Two open archives, one that always looks and one that seldom does, while sightings come, move and go."""
    rng = random.Random(seed)
    archive, count = kept, 0
    with Archive.open(archive.path) as other:
        for step in range(60):
            what = rng.choice(["add", "add", "add", "forget", "renew", "purge", "lose a file", "look"])
            ids = [f"sighting-{rng.randrange(count + 1):05d}" for _ in range(rng.randrange(1, 6))]
            if what == "add":
                more = rng.randrange(1, 5)
                add_in_chunks(rng.choice([archive, other]), [make_sighting(n) for n in range(count, count + more)], 10)
                count += more
            elif what == "forget":
                other.forget(ids)
            elif what == "renew":
                with archive.catalogue.writing() as connection:
                    sighting_writing.catalogue_vectors.renew(connection, ids)
            elif what == "purge":
                purge(archive, EIGHT + timedelta(seconds=10 * rng.randrange(count // 2 + 1)), local_person())
            elif what == "lose a file" and (files := sorted((archive.path / "vectors").rglob("*.segment"))):
                rng.choice(files).unlink()
            elif what == "look":
                assert scores_of(other, QUERIES) == pytest.approx(expected(archive), abs=1e-4), f"step {step}"
            assert scores_of(archive, QUERIES) == pytest.approx(expected(archive), abs=1e-4), f"step {step}: {what}"
        assert verify(archive) == verify(other) == []


def test_no_question_finds_nothing(filled: Archive) -> None:
    assert scores_of(filled, QUERIES[:0]) == {}
    assert filled.vectors.search(MODEL, QUERIES[:0], None, 3) == []


def test_an_unknown_model_finds_nothing(kept: Archive) -> None:
    assert kept.vectors.search("nothing", QUERIES, None, 5) == []
    assert scores_of(kept, QUERIES, model="nothing") == {}
