from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from index.errors import ArchiveError
from index.ingest.describing import Describer, weights_for
from index.records import NewSighting
from index.store.archive import Archive
from index.store.catalogue import models
from index.store.catalogue.models import StoredModel
from reid.appearance.embedders import HistogramEmbedder, make_embedder
from reid.passages import ObservedPassage
from reid.plates.locate import corner_error
from reid.plates.verify import installed_verifier
from reid.render.crops import RenderedCropOptions, camera_of, stage_vehicle, vehicle_of
from reid.render.truth import plate_corners
from reid.vehicle import Box, Image, Shot, Track, TrackPoint

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LEFT, TOP = 300.0, 120.0


def rear(side_px: int, state: str) -> tuple[Image, np.ndarray]:
    """Return a picture of a car from behind, and where its plate is."""
    options = RenderedCropOptions(seed=4, weathers=("sun",))
    vehicle = vehicle_of(options, 3)[1]
    vehicle = replace(vehicle, plate=replace(vehicle.plate, state=state))
    shown = stage_vehicle(vehicle, camera_of(options, 2), 4.0, side_px, np.random.default_rng(side_px))
    corners = plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens)
    return shown.picture, np.zeros((4, 2)) if corners is None else corners


def passage(pictures: list[Image]) -> ObservedPassage:
    shots = []
    for number, picture in enumerate(pictures):
        box = Box(LEFT, TOP, picture.shape[1], picture.shape[0])
        shots.append(Shot(number, number / 10, box, picture, 100.0))
    points = tuple(TrackPoint(shot.frame, shot.time_s, shot.box, 0.9) for shot in shots)
    return ObservedPassage(Track(1, points), tuple(shots))


def described(pictures: list[Image], *, reads_plates: bool = True) -> NewSighting:
    embedder = make_embedder("histogram", threads=1)
    return Describer("f" * 64, "a", NOON, 1280, 720, embedder, reads_plates).sighting(passage(pictures))


@pytest.fixture(scope="module")
def seen() -> tuple[NewSighting, np.ndarray]:
    (small, _), (large, corners) = rear(140, "clean"), rear(330, "clean")
    return described([small, large]), corners


def test_the_shot_with_the_best_view_of_the_plate_comes_first(seen: tuple[NewSighting, np.ndarray]) -> None:
    sighting, _ = seen
    assert [shot.frame for shot in sighting.shots] == [1, 0]
    assert sighting.best == sighting.shots[0].time


def test_corners_lie_in_the_shot_and_the_plate_in_the_frame(seen: tuple[NewSighting, np.ndarray]) -> None:
    sighting, corners = seen
    assert sighting.plate is not None
    in_shot = np.array(sighting.shots[0].plate)
    assert corner_error(in_shot, corners) < 0.25
    assert np.array(sighting.plate.corners) == pytest.approx(in_shot + np.array([LEFT, TOP]))


def test_every_shot_that_shows_the_plate_has_a_plate_vector(seen: tuple[NewSighting, np.ndarray]) -> None:
    sighting, _ = seen
    verifier = installed_verifier()
    if verifier is None:
        assert sighting.plate_vectors == {}
        return
    vectors = sighting.plate_vectors[verifier.model_id]
    assert len(vectors) == sum(shot.plate is not None for shot in sighting.shots)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)), abs=1e-3)


def test_a_covered_plate_is_no_plate() -> None:
    sighting = described([rear(330, "covered")[0]])
    assert (sighting.plate, sighting.plate_model, sighting.plate_vectors) == (None, None, {})


def test_plates_are_not_read_if_switched_off() -> None:
    sighting = described([rear(330, "clean")[0]], reads_plates=False)
    assert sighting.plate is None
    assert sighting.shots[0].plate is None


def test_new_footage_uses_the_weights_that_the_archive_uses(archive: Archive) -> None:
    assert weights_for(archive, "appearance") == "appearance"
    name = f"adapted-{archive.id[:8]}-2611201200-0123456789ab"
    with archive.catalogue.writing() as connection:
        models.remember(connection, [StoredModel(name, "appearance", 3)], at=NOON)
    with pytest.raises(ArchiveError, match="retrace reembed --weights histogram"):
        weights_for(archive, "histogram")
    with pytest.raises(ArchiveError, match="not installed here"):
        weights_for(archive, "appearance")


def test_an_archive_of_other_weights_stays_with_them(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        models.remember(connection, [StoredModel(HistogramEmbedder.model_id, "appearance", 640)], at=NOON)
    assert weights_for(archive, "appearance") == weights_for(archive, "histogram") == "histogram"
