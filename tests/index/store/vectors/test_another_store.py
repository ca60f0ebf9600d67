"""A store that a stranger might write: it knows what the catalogue hands out, and nothing of our files."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.records import Description, Window
from index.store.archive import Archive
from index.store.archive_file import ArchiveFile
from index.store.catalogue import Catalogue, cameras, vectors
from index.store.catalogue.vectors import StoredVectors
from index.store.vectors import ANY, VECTOR_STORES, Hit, Scores, VectorStore
from index.upkeep.rebuild import rebuild
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, scores_of, two_cameras
from tests.index.store.vectors.test_vector_stores import DESCRIBED, QUERIES, add_in_chunks, slow_scores


class EveryVector:
    """Reads every vector from the catalogue, whatever is asked."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def search(
        self,
        model: str,
        queries: np.ndarray,
        windows: Sequence[Window] | None,
        k: int,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> list[Hit]:
        found = []
        for one in self._inside(model, windows, description) if len(queries) else ():
            products = (one.matrix.astype(np.float32) @ queries.T).max(axis=1)
            found.append(Hit(one.sighting, int(products.argmax()), float(products.max())))
        return sorted(found, key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(
        self,
        model: str,
        queries: np.ndarray,
        windows: Sequence[Window] | None,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> Scores:
        hits = self.search(model, queries, windows, 1_000_000, description=description)
        ids = np.array([hit.sighting.encode() for hit in hits], np.bytes_)
        return Scores(ids, np.array([hit.score for hit in hits], np.float32))

    def add(self, model: str, sightings: Sequence[StoredVectors]) -> None: ...

    def wipe(self) -> None: ...

    def rebuild(self) -> None: ...

    def problems(self) -> list[str]:
        return []

    def close(self) -> None: ...

    def _inside(
        self, model: str, windows: Sequence[Window] | None, description: Description
    ) -> Iterator[StoredVectors]:
        with self._catalogue.reading() as connection:
            newest = vectors.state(connection, model).newest
            batches = vectors.numbers_in(connection, model, 0, newest + 1)
            for _, one in vectors.of_batches(connection, model, batches):
                within = [w for w in windows or () if w.camera == one.camera and w.start <= one.best <= w.end]
                if (windows is None or within) and description.is_fulfilled_by(one.description):
                    yield one


def test_a_store_that_knows_nothing_of_ours_answers_for_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: type[VectorStore] = EveryVector
    monkeypatch.setitem(VECTOR_STORES, "every", made)
    half = [Window(camera, EIGHT, EIGHT + timedelta(seconds=600)) for camera in "ab"]
    red_bus = Description("bus", "red")
    with Archive.create(tmp_path / "archive", vectors_url="every:") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        add_in_chunks(archive, DESCRIBED, 20)
        assert scores_of(archive, QUERIES, half) == pytest.approx(slow_scores(DESCRIBED, half), abs=1e-4)
        buses = slow_scores(DESCRIBED, half, red_bus)
        found = archive.vectors.search(MODEL, QUERIES, half, 100, description=red_bus, threads=2)
        assert {hit.sighting: hit.score for hit in found} == pytest.approx(buses, abs=1e-4)
        archive.forget([DESCRIBED[3].id])
        purge(archive, EIGHT + timedelta(seconds=300), local_person())
        left = [new for new in DESCRIBED if new.last >= EIGHT + timedelta(seconds=300)]
        assert scores_of(archive, QUERIES).keys() == slow_scores(left, None).keys()
        rebuild(archive)
        assert verify(archive) == []
