"""Lend the tests of `ui` a browser, and a small real archive: painted boxes drive past three cameras of a made town."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from index.map.places import current_places, place_book
from index.records import Coverage, NewChunk, NewShot, NewSighting
from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from reid.appearance.embedders import make_embedder
from reid.images import encode_jpeg
from reid.vehicle import Attributes, Box, Image
from roadgraph.camera import Camera
from tests.conftest import unavailable
from tests.ui.web.browsing import FLAGS

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
CAMERAS = ("bridge", "harbour", "mill")
PAINTS = {"red": (190, 30, 35), "blue": (30, 60, 170), "green": (20, 110, 60), "white": (235, 235, 230)}
APART_S = 240.0
"""Every vehicle passes the cameras in their order, so long after each other."""


def painted(colour: str, seed: int) -> Image:
    """A picture of a vehicle in as few strokes as a histogram can tell apart."""
    picture = np.full((96, 128, 3), 120, np.uint8)
    cv2.rectangle(picture, (14, 34), (114, 80), PAINTS[colour], -1)
    cv2.rectangle(picture, (34, 16), (94, 36), (40, 46, 54), -1)
    for x in (36, 92):
        cv2.circle(picture, (x, 80), 10, (15, 15, 15), -1)
    noise = np.random.default_rng(seed).integers(-6, 7, picture.shape)
    return np.clip(picture.astype(int) + noise, 0, 255).astype(np.uint8)


def passage(number: int, colour: str, camera: str) -> NewSighting:
    picture = painted(colour, seed=10 * number + CAMERAS.index(camera))
    best = EIGHT + timedelta(seconds=90 * number + APART_S * CAMERAS.index(camera))
    box = Box(0, 0, 128, 96)
    embedder = make_embedder("histogram")
    return NewSighting(
        id=f"{colour}-{camera}",
        camera=camera,
        first=best - timedelta(seconds=2),
        best=best,
        last=best + timedelta(seconds=2),
        box=box,
        attributes=Attributes({"car": 0.9, "van": 0.1}, {colour: 0.9}),
        shots=(NewShot(best, 0, box, encode_jpeg(picture), 1.0),),
        vectors={embedder.model_id: embedder.embed([picture])},
    )


def place_cameras(archive: Archive) -> None:
    assert current_places(archive) is not None
    graph = current_places(archive).graph
    edges = np.linspace(0, graph.edges - 1, len(CAMERAS) + 2).astype(int)[1:-1]
    at = [graph.position(int(edge), 20.0) for edge in edges]
    place_book(archive).import_cameras([Camera(id_, lat, lon) for id_, (lat, lon) in zip(CAMERAS, at, strict=True)])


def make_archive(folder: Path) -> Archive:
    archive = Archive.create(folder / "archive")
    write_osm(make_town(1), folder / "town.osm")
    place_book(archive).import_roads(folder / "town.osm")
    place_cameras(archive)
    seen = tuple(passage(number, colour, camera) for number, colour in enumerate(PAINTS) for camera in CAMERAS)
    hours = tuple(Coverage(camera, EIGHT - timedelta(hours=1), EIGHT + timedelta(hours=1)) for camera in CAMERAS)
    archive.add(NewChunk(None, None, seen, hours))
    return archive


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Four vehicles, twelve sightings; to be looked at, not changed."""
    with make_archive(tmp_path_factory.mktemp("small")) as archive:
        yield archive


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        unavailable("browser", "there is no chromium on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()
