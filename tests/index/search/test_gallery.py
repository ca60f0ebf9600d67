"""Which sightings a question is compared with, and at which true time they were seen."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from index.answers import Query
from index.records import NewChunk, Window
from index.search.calibration import AppearanceScale
from index.search.gallery import Inside, gather, look_inside
from index.search.scope import Scope
from index.search.target import Target, target_of
from index.store.archive import Archive
from index.store.catalogue.clocks import CameraClock, ClockOffset
from reid.vehicle import Attributes
from tests.index.conftest import EIGHT, make_sighting

SCALE = AppearanceScale(usual=0.0, spread=0.2, bias=0.0, per_similarity=4.0, per_z_score=1.0, limit=6.0)
HOUR = timedelta(hours=1)


@pytest.fixture
def street(archive: Archive) -> Archive:
    """Twenty sightings, ten seconds apart, in turn on the cameras "a" and "b"."""
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(20))))
    return archive


def scope(*cameras: str, ahead_s: float = 0.0) -> Scope:
    clocks = {camera: CameraClock((ClockOffset(camera, ahead_s, ahead_s, ahead_s),)) for camera in cameras}
    return Scope(cameras, clocks, tuple(Window(camera, EIGHT - HOUR, EIGHT + HOUR) for camera in cameras))


def target(archive: Archive) -> Target:
    return target_of(archive, Query(sighting="sighting-00004"))


def test_all_sightings_inside_are_compared_but_the_one_asked_about(street: Archive) -> None:
    inside = look_inside(street, scope("a"), shortlist=100)
    gallery = gather(street, target(street), scope("a"), inside, SCALE, shortlist=100)
    assert inside.size == 10
    assert gallery.ids == [f"sighting-{number:05d}" for number in range(0, 20, 2) if number != 4]
    assert gallery.size == len(gallery) == 9


def test_what_the_camera_of_the_pictures_saw_too_is_weighed_by_the_curve_of_one_camera(street: Archive) -> None:
    both, asked, scale = scope("a", "b"), target(street), replace(SCALE, one_camera_bias=-1.0)
    inside = look_inside(street, both, shortlist=100)
    usual, apart = (gather(street, asked, both, inside, one, shortlist=100) for one in (SCALE, scale))
    own = np.array([camera == "a" for camera in usual.cameras])
    assert asked.pictured_by == "a"
    assert (apart.appearance[own] < usual.appearance[own]).all()
    assert (apart.appearance[~own] == usual.appearance[~own]).all()


@pytest.mark.parametrize("ahead_s", [0.0, 30.0])
def test_what_passed_the_camera_at_the_moment_of_a_picture_is_no_answer(street: Archive, ahead_s: float) -> None:
    """It is the vehicle of the picture, or surely another one; by true time, whatever the camera's clock shows."""
    seen = make_sighting(4)
    asked = replace(target(street), sighting=None, time=seen.best - timedelta(seconds=ahead_s))
    inside = look_inside(street, scope("a", ahead_s=ahead_s), shortlist=100)
    gallery = gather(street, asked, scope("a", ahead_s=ahead_s), inside, SCALE, shortlist=100)
    assert gallery.ids == [f"sighting-{number:05d}" for number in range(0, 20, 2) if number != 4]
    elsewhere = gather(street, replace(asked, camera="b"), scope("a", ahead_s=ahead_s), inside, SCALE, shortlist=100)
    assert seen.id in elsewhere.ids


def test_without_windows_the_whole_archive_is_counted_and_none_is_read(street: Archive) -> None:
    assert look_inside(street, Scope(("a", "b"), {}, None), shortlist=100) == Inside(None, 20)
    assert look_inside(street, Scope((), {}, ()), shortlist=100) == Inside((), 0)


@pytest.mark.parametrize("whole_archive", [True, False])
def test_of_too_many_some_that_fit_the_stated_type_are_compared(archive: Archive, whole_archive: bool) -> None:
    """A bus is less similar than every car, and it is the bus that is asked for."""
    asked = make_sighting(0).vectors["looks-1"]
    cars = [replace(make_sighting(number), vectors={"looks-1": asked}) for number in range(20)]
    bus = replace(make_sighting(20), attributes=Attributes({"bus": 1.0}, {"red": 1.0}))
    archive.add(NewChunk(None, None, (*cars, bus)))
    everywhere = Scope(("a", "b"), {}, None) if whole_archive else scope("a", "b")
    inside = look_inside(archive, everywhere, shortlist=4)
    for stated, expected in ((None, False), ("bus", True), ("truck", False)):
        asked_about = target_of(archive, Query(sighting="sighting-00004", type=stated))
        gallery = gather(archive, asked_about, everywhere, inside, SCALE, shortlist=4)
        assert (bus.id in gallery.ids) is expected


def test_of_too_many_the_most_similar_are_compared(street: Archive) -> None:
    both = scope("a", "b")
    inside = look_inside(street, both, shortlist=2)
    assert inside == Inside(None, 20)
    asked = target(street)
    few = gather(street, asked, both, inside, SCALE, shortlist=2)
    assert asked.vectors is not None
    others = [make_sighting(number) for number in range(20) if number != 4]
    alike = [float((asked.vectors @ other.vectors["looks-1"].T).max()) for other in others]
    assert few.ids == sorted(others[row].id for row in np.argsort(-np.array(alike), kind="stable")[:2])
    assert few.size == 20


def test_true_time_is_the_cameras_clock_less_its_offset(street: Archive) -> None:
    ahead = scope("b", ahead_s=30.0)
    gallery = gather(street, target(street), ahead, look_inside(street, ahead, shortlist=100), SCALE, shortlist=100)
    seen = [make_sighting(number).best - timedelta(seconds=30) for number in range(1, 20, 2)]
    assert gallery.true_times(range(len(gallery))) == seen
    assert gallery.time_s.tolist() == [(time - gallery.epoch).total_seconds() for time in seen]


def test_sightings_that_people_ruled_out_leave_the_gallery_and_its_size(street: Archive) -> None:
    gallery = gather(
        street, target(street), scope("a"), look_inside(street, scope("a"), shortlist=9), SCALE, shortlist=9
    )
    smaller = gallery.without({"sighting-00000", "sighting-00002"})
    assert smaller.ids == gallery.ids[2:]
    assert smaller.similarity.tolist() == gallery.similarity[2:].tolist()
    assert smaller.size == gallery.size - 2
