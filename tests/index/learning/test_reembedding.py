from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.access import audit
from index.access.permissions import local_person
from index.learning import reembedding
from index.learning.reembedding import BATCH_SIGHTINGS, reembed, switch_to
from index.records import NewChunk, NewSighting
from index.store.archive import Archive, OtherModelError
from index.store.catalogue import models
from index.store.catalogue.models import StoredModel
from index.upkeep.verify import verify
from reid.appearance.embedders import Appearance, Vectors
from reid.images import encode_jpeg
from reid.vehicle import Image
from tests.index.conftest import EIGHT, MODEL, make_sighting, scores_of


class CountingEmbedder:
    """Counts its pictures, and stops after so many."""

    model_id = "adapted-1"
    dims = 3

    def __init__(self, stops_after: int | None = None) -> None:
        self.seen, self.most_pixels = 0, 0
        self._stops_after = stops_after

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        if self._stops_after is not None and self.seen >= self._stops_after:
            raise KeyboardInterrupt
        self.seen += len(pictures)
        self.most_pixels = max(self.most_pixels, sum(one.shape[0] * one.shape[1] for one in pictures))
        return np.tile(np.array([1, 0, 0], np.float32), (len(pictures), 1))

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        return Appearance(self.embed(pictures))


def with_pictures(number: int) -> NewSighting:
    made = make_sighting(number, shots=2)
    picture = encode_jpeg(np.full((20, 30, 3), number % 250, np.uint8))
    return replace(made, shots=tuple(replace(shot, jpeg=picture) for shot in made.shots))


def in_use(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [model.id for model in models.listing(connection, kind="appearance")]


def fill(archive: Archive, count: int) -> None:
    archive.add(NewChunk(None, None, tuple(with_pictures(number) for number in range(count))))


def test_all_pictures_are_embedded_before_the_model_is_used(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive, BATCH_SIGHTINGS + 3)
    counts: list[int] = []
    used: list[list[str]] = []
    embedder = CountingEmbedder()
    done = switch_to(archive, embedder, lambda count: (counts.append(count), used.append(in_use(archive)))[0])
    assert done == BATCH_SIGHTINGS + 3
    assert counts == [BATCH_SIGHTINGS, BATCH_SIGHTINGS + 3]
    assert used == [[MODEL], [MODEL]]
    assert in_use(archive) == ["adapted-1"]
    assert embedder.seen == 2 * done
    found = scores_of(archive, np.eye(3, dtype=np.float32)[:1], model="adapted-1")
    assert set(found.values()) == {1.0}
    assert len(found) == done
    assert scores_of(archive, np.ones((1, 16), np.float32)).keys() == found.keys()


def test_a_stop_loses_one_batch_and_the_same_call_continues(archive: Archive) -> None:
    fill(archive, 2 * BATCH_SIGHTINGS)
    with pytest.raises(KeyboardInterrupt):
        switch_to(archive, CountingEmbedder(stops_after=2 * BATCH_SIGHTINGS), lambda _: None)
    assert in_use(archive) == [MODEL]
    second = CountingEmbedder()
    assert switch_to(archive, second, lambda _: None) == BATCH_SIGHTINGS
    assert second.seen == 2 * BATCH_SIGHTINGS
    assert in_use(archive)[-1] == "adapted-1"
    assert verify(archive) == []


def test_footage_that_comes_in_meanwhile_is_embedded_before_the_switch(archive: Archive) -> None:
    fill(archive, 2)

    def add_one(count: int) -> None:
        if count == 2:
            # Sorts before those that are done.
            archive.add(NewChunk(None, None, (replace(with_pictures(5), id="a-late-one"),)))

    assert switch_to(archive, CountingEmbedder(), add_one) == 3
    assert in_use(archive) == ["adapted-1"]
    assert verify(archive) == []


def test_a_worker_that_outlives_a_switch_is_told(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive, 2)
    assert reembed(archive, local_person(), CountingEmbedder(), lambda _: None) == 2
    with pytest.raises(OtherModelError, match="described by looks-1, and the archive has been using adapted-1"):
        archive.add(NewChunk(None, None, (with_pictures(7),)))
    assert [entry.action for entry in audit.entries(archive, local_person(), newest=1)] == ["reembed"]


def test_verify_counts_what_the_model_in_use_has_not_seen(archive: Archive) -> None:
    fill(archive, 3)
    with archive.catalogue.writing() as connection:
        models.prepare(connection, StoredModel("other-1", "appearance", 3), at=EIGHT)
        models.put_to_use(connection, "other-1", at=EIGHT)
    (problem,) = verify(archive)
    assert problem == "3 sightings have no vectors of other-1, which is in use: run retrace reembed"


def test_large_pictures_are_not_all_held_at_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reembedding, "PIXELS_AT_ONCE", 5 * 20 * 30)
    fill(archive, 9)
    embedder = CountingEmbedder()
    assert switch_to(archive, embedder, lambda count: None) == 9
    assert embedder.seen == 18
    assert embedder.most_pixels == 5 * 20 * 30
