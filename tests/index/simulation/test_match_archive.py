import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.map.places import place_book
from index.records import NewChunk, NewShot, NewSighting
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.sighting_score import attribute_figures, passage_figures
from index.simulation.truth import FootageRow, TrueBox, TruePassage
from index.store.archive import Archive
from index.store.catalogue import footage
from reid.images import encode_jpeg
from reid.vehicle import Attributes, Box, TrackPoint
from roadgraph.camera import Camera

FPS = 6.0
JPEG = encode_jpeg(np.zeros((8, 8, 3), np.uint8))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cities") / "city"
    make_city(folder, CityOptions(seed=4, cameras=2, vehicles=40, minutes=0.4, fps=FPS, width=320, height=180))
    return folder


def _archive(path: Path, city: Path, *, shift_px: dict[str, float] | None = None) -> Archive:
    """Return an archive that saw every counted passage exactly, with the boxes of some passages shifted."""
    archive = Archive.create(path)
    rows = truth.read(city, FootageRow)
    place_book(archive).import_cameras([Camera(camera, 54.2, 6.6) for camera in sorted({row.camera for row in rows})])
    boxes = truth.read(city, TrueBox)
    true = read_truth(city)
    for row in rows:
        id_ = hashlib.sha256((city / row.path).read_bytes()).hexdigest()
        with archive.catalogue.writing() as connection:
            footage.add(connection, footage.Footage(id_, row.path, row.camera, row.start, 24.0), at=datetime.now(UTC))
        seen = [
            _sighting(passage, row, [box for box in boxes if _is_of(box, row, passage)], (shift_px or {}))
            for passage in true.passages
            if passage.camera == row.camera and passage.counts
        ]
        archive.add(NewChunk(id_, 0, tuple(seen)))
    return archive


def _is_of(box: TrueBox, row: FootageRow, passage: TruePassage) -> bool:
    in_time = passage.first <= box.time <= passage.last
    return box.video == row.path and box.vehicle == passage.vehicle and in_time


def _sighting(passage: TruePassage, row: FootageRow, boxes: list[TrueBox], shift_px: dict[str, float]) -> NewSighting:
    shift = shift_px.get(passage.passage, 0.0)
    points = [TrackPoint(b.frame, b.frame / FPS, Box(b.x + shift, b.y, b.w, b.h), 1.0) for b in boxes]
    first, last = (row.start + timedelta(seconds=points[i].time_s) for i in (0, -1))
    shot = NewShot(first, boxes[0].frame, points[0].box, JPEG, 1.0)
    look = Attributes({"car": 1.0}, {"white": 1.0})
    return NewSighting(
        passage.passage, row.camera, first, first, last, points[0].box, look, (shot,), {}, track=tuple(points)
    )


def test_an_archive_that_saw_all_scores_one(city: Path, tmp_path: Path) -> None:
    true = read_truth(city)
    with _archive(tmp_path / "archive", city) as archive:
        matched = match_archive(archive, city, true)
    matches = [matched.matches[sighting.id] for sighting in matched.sightings]
    assert {(match.sighting, match.passage) for match in matches} == {
        (p.passage, p.passage) for p in true.passages if p.counts
    }
    figures = passage_figures(matches, true.passages, matched.identities)
    assert {name: figure.value for name, figure in figures.items()} == {
        "recall": 1.0,
        "duplicates": 0.0,
        "phantoms": 0.0,
        "idf1": 1.0,
    }


def test_a_sighting_in_the_wrong_place_is_a_phantom_and_a_miss(city: Path, tmp_path: Path) -> None:
    true = read_truth(city)
    counted = [passage.passage for passage in true.passages if passage.counts]
    with _archive(tmp_path / "archive", city, shift_px={counted[0]: 2000.0}) as archive:
        matched = match_archive(archive, city, true)
    matches = [matched.matches[sighting.id] for sighting in matched.sightings]
    figures = passage_figures(matches, true.passages, matched.identities)
    assert figures["phantoms"].value == pytest.approx(1 / len(counted))
    assert figures["recall"].value == pytest.approx(1 - 1 / len(counted))


def test_attributes_are_compared_with_the_vehicle_that_was_seen(city: Path, tmp_path: Path) -> None:
    true = read_truth(city)
    with _archive(tmp_path / "archive", city) as archive:
        matched = match_archive(archive, city, true)
    figures = attribute_figures(matched.sightings, matched.matches, true.vehicles)
    seen = [true.vehicles[p.vehicle] for p in true.passages if p.counts]
    assert figures["type"].value == pytest.approx(np.mean([vehicle.type == "car" for vehicle in seen]))
    assert figures["colour"].value == pytest.approx(np.mean([vehicle.colour == "white" for vehicle in seen]))


def test_an_archive_of_other_footage_is_refused(city: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, pytest.raises(ArchiveError, match="ingest it first"):
        match_archive(archive, city, read_truth(city))
