from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.archive import Archive, NewChunk
from index.catalogue import models
from index.catalogue.models import Model
from index.errors import ArchiveError
from index.learning.reembedding import AT_ONCE, switch_to, weights_for
from index.sighting import NewSighting
from reid.appearance.embedder import Looks, Vectors
from reid.appearance.histogram import HistogramEmbedder
from reid.images import encode_jpeg
from reid.vehicle import Image
from tests.index.conftest import EIGHT, MODEL, make_sighting


class Embedder:
    """Counts what it is given, and stops when told to."""

    model_id = "adapted-1"
    dims = 3

    def __init__(self, stops_after: int | None = None) -> None:
        self.seen = 0
        self._stops_after = stops_after

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        if self._stops_after is not None and self.seen >= self._stops_after:
            raise KeyboardInterrupt
        self.seen += len(pictures)
        return np.tile(np.array([1, 0, 0], np.float32), (len(pictures), 1))

    def look(self, pictures: Sequence[Image]) -> Looks:
        return Looks(self.embed(pictures))


def with_pictures(number: int) -> NewSighting:
    made = make_sighting(number, shots=2)
    picture = encode_jpeg(np.full((20, 30, 3), number % 250, np.uint8))
    return replace(made, shots=tuple(replace(shot, jpeg=picture) for shot in made.shots))


def in_use(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [model.id for model in models.listing(connection, kind="appearance")]


def fill(archive: Archive, count: int) -> None:
    archive.add(NewChunk(None, None, tuple(with_pictures(number) for number in range(count))))


def test_all_pictures_are_embedded_before_the_model_answers(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive, AT_ONCE + 3)
    told: list[int] = []
    used: list[list[str]] = []
    embedder = Embedder()
    done = switch_to(archive, embedder, lambda count: (told.append(count), used.append(in_use(archive)))[0])
    assert done == AT_ONCE + 3
    assert told == [AT_ONCE, AT_ONCE + 3]
    assert used == [[MODEL], [MODEL]]
    assert in_use(archive) == [MODEL, "adapted-1"]
    assert embedder.seen == 2 * done
    found = archive.vectors.all_scores("adapted-1", np.eye(3, dtype=np.float32)[:1], None)
    assert set(found.values()) == {1.0}
    assert len(found) == done
    assert archive.vectors.all_scores(MODEL, np.ones((1, 16), np.float32), None).keys() == found.keys()


def test_a_stop_loses_one_batch_and_the_same_call_goes_on(archive: Archive) -> None:
    fill(archive, 2 * AT_ONCE)
    with pytest.raises(KeyboardInterrupt):
        switch_to(archive, Embedder(stops_after=2 * AT_ONCE), lambda _: None)
    assert in_use(archive) == [MODEL]
    second = Embedder()
    assert switch_to(archive, second, lambda _: None) == AT_ONCE
    assert second.seen == 2 * AT_ONCE
    assert in_use(archive)[-1] == "adapted-1"
    assert archive.verify() == []


def test_new_footage_follows_the_weights_that_were_adapted(archive: Archive) -> None:
    assert weights_for(archive, "appearance") == "appearance"
    name = f"adapted-{archive.id[:8]}-2611201200-0123456789ab"
    with archive.catalogue.writing() as connection:
        models.remember(connection, [Model(name, "appearance", 3)], at=EIGHT)
    assert weights_for(archive, "histogram") == "histogram"
    with pytest.raises(ArchiveError, match="not installed here"):
        weights_for(archive, "appearance")


def test_weights_that_somebody_chose_are_left_alone(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        models.remember(connection, [Model(HistogramEmbedder.model_id, "appearance", 640)], at=EIGHT)
    assert weights_for(archive, "appearance") == "appearance"
