"""Lend the tests of the commands a small archive, and run a command on it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index.map.places import place_book
from index.records import NewChunk, NewShot, NewSighting
from index.store.archive import Archive
from reid.images import encode_jpeg
from reid.vehicle import Attributes, Box
from roadgraph.camera import Camera
from ui.cli.main import retrace

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((40, 60, 3), colour, dtype=np.uint8)


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


def run(archive: Path, *words: str) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(archive), *words])


def answer(archive: Path, *words: str) -> dict[str, object]:
    result = run(archive, *words, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return document


def ids(document: dict[str, object], key: str, name: str) -> list[Any]:
    found = document[key]
    assert isinstance(found, list)
    return [document[name] for document in found]
