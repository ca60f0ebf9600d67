"""Lend the tests of the commands small archives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.map.places import place_book
from index.records import NewChunk, NewShot, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from reid.images import encode_jpeg
from reid.vehicle import Attributes, Box
from roadgraph.camera import Camera
from tests.index.conftest import make_sighting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    """A body of one colour with a dark window: a flat picture shows no vehicle."""
    painted = np.full((40, 60, 3), colour, dtype=np.uint8)
    painted[4:12, 20:40] = 30
    return painted


def new_sighting(id_: str, camera: str, after_s: float, colour: tuple[int, int, int]) -> NewSighting:
    from reid.appearance.embedders import make_embedder

    best, box = NOON + timedelta(seconds=after_s), Box(5, 6, 60, 40)
    embedder = make_embedder("histogram")
    return NewSighting(
        id=id_,
        camera=camera,
        first=best,
        best=best,
        last=best,
        box=box,
        attributes=Attributes({"car": 0.9, "van": 0.1}, {"red" if colour == RED else "blue": 0.8}),
        shots=(NewShot(best, 0, box, encode_jpeg(picture(colour)), 1.0),),
        vectors={embedder.model_id: embedder.embed([picture(colour)])},
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made:
        place_book(made).import_cameras([Camera("bridge", 48.0, 11.0), Camera("depot", 48.01, 11.0)])
        news = (
            new_sighting("a1", "bridge", 0, RED),
            new_sighting("a2", "depot", 90, RED),
            new_sighting("a3", "depot", 200, BLUE),
        )
        made.add(NewChunk(None, None, news))
    return tmp_path / "archive"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with two sightings."""
    with Archive.create(tmp_path / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.0, 15.0), StoredCamera("b", 48.0, 15.1)])
        archive.add(NewChunk(None, None, (make_sighting(1), make_sighting(2))))
    return tmp_path / "archive"


def ids(document: dict[str, object], key: str, name: str) -> list[Any]:
    found = document[key]
    assert isinstance(found, list)
    return [document[name] for document in found]
