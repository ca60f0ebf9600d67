"""Vehicles are compared by what their pictures do not share with all others of a view, and less than their crowds."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from index.records import NewChunk, SightingBrief, Window
from index.search import looks
from index.search.looks import CROWD_WEIGHS, Pictures, SharedLook, compare_looks, crowds
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter
from reid.arrays import Floats, Floats32
from tests.index.conftest import EIGHT, MODEL, make_sighting

WHOLE_DAY = tuple(Window(camera, EIGHT - timedelta(hours=9), EIGHT + timedelta(hours=9)) for camera in "ab")


def _unit(rows: Floats32) -> Floats32:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _street(vehicles: int, *, shared: float) -> tuple[list[Floats32], list[Floats32]]:
    """Return the pictures of vehicles by two cameras, each of which puts its own look into all that it takes."""
    rng = np.random.default_rng(5)
    own, views = rng.standard_normal((vehicles, 32)), rng.standard_normal((2, 32))
    noise = rng.standard_normal((2, vehicles, 3, 32))
    pictures = own[None, :, None] + shared * views[:, None, None] + noise
    first, second = ([_unit(each.astype(np.float32)) for each in of_camera] for of_camera in pictures)
    return first, second


def _alike(pictures: Pictures) -> Floats:
    return pictures.alike(pictures)


def _briefs(archive: Archive) -> Sequence[SightingBrief]:
    with archive.catalogue.reading() as connection:
        return sightings.briefs(connection, sightings.ids(connection, SightingFilter()))


def test_what_a_camera_puts_into_all_its_pictures_tells_no_vehicles_apart() -> None:
    first, second = _street(60, shared=2.0)
    by_a, by_b = [("a", None)] * 60, [("b", None)] * 60
    shared = SharedLook.of(Pictures.of([*first, *second]), [*by_a, *by_b])
    by_first, by_second = Pictures.of(first), Pictures.of(second)
    taken_off = shared.taken_off(by_first, by_a).alike(shared.taken_off(by_second, by_b))
    as_they_are = by_first.alike(by_second)
    of_one_vehicle = np.eye(60, dtype=bool)
    both = [(found[of_one_vehicle].mean() - found[~of_one_vehicle].mean()) for found in (taken_off, as_they_are)]
    assert both[0] > both[1] + 0.2


def test_of_a_few_pictures_next_to_nothing_is_shared() -> None:
    one = _unit(np.random.default_rng(0).standard_normal((1, 32)).astype(np.float32))
    shared = SharedLook.of(Pictures.of([one]), [("a", 7)])
    assert np.linalg.norm(shared.of_view["a", 7]) < 0.2
    for view in (("a", 7), ("a", None), ("b", 7), (None, None)):
        assert np.allclose(shared.taken_off(Pictures.of([one]), [view]).vectors, one)


def test_what_all_show_who_take_one_road_past_a_camera_tells_no_vehicles_apart() -> None:
    """Of those who come the front is seen, of those who leave the back."""
    rng = np.random.default_rng(6)
    of_sides = rng.standard_normal((2, 32))
    rows = [_unit((2 * of_sides[row % 2] + rng.standard_normal((2, 32))).astype(np.float32)) for row in range(120)]
    pictures = Pictures.of(rows)
    shared = SharedLook.of(pictures, [("a", row % 2) for row in range(120)])
    by_road = shared.taken_off(pictures, [("a", row % 2) for row in range(120)])
    by_camera = shared.taken_off(pictures, [("a", None)] * 120)
    one_side = np.arange(120)[:, None] % 2 == np.arange(120) % 2
    apart = [float(found[one_side].mean() - found[~one_side].mean()) for found in (_alike(by_road), _alike(by_camera))]
    assert abs(apart[0]) < 0.2 < 0.5 < apart[1]


def test_a_sighting_that_looks_like_many_is_nearer_to_a_target_by_less() -> None:
    rng = np.random.default_rng(7)
    white_van = rng.standard_normal(32)
    vans = [_unit((3 * white_van + rng.standard_normal((2, 32))).astype(np.float32)) for _ in range(40)]
    others = [_unit(rng.standard_normal((2, 32)).astype(np.float32)) for _ in range(40)]
    views = [("ab"[row % 2], None) for row in range(80)]
    taken = crowds(Pictures.of([*vans, *others]), views)
    assert taken.mean() == pytest.approx(0)
    assert taken[:40].min() > 0.1 > 0 > taken[40:].max()
    assert taken.max() - taken.min() < CROWD_WEIGHS


def test_those_that_may_be_the_same_vehicle_are_no_crowd() -> None:
    rng = np.random.default_rng(8)
    bus = [_unit((3 * np.ones(32) + rng.standard_normal((2, 32))).astype(np.float32)) for _ in range(10)]
    others = [_unit(rng.standard_normal((2, 32)).astype(np.float32)) for _ in range(60)]
    views = [(f"camera {row}", None) for row in range(70)]
    taken = crowds(Pictures.of([*bus, *others]), views)
    assert taken[:10].max() < taken[10:].max()
    assert not crowds(Pictures.of(bus), views[:10]).any()


def test_others_of_its_own_camera_are_no_crowd() -> None:
    rng = np.random.default_rng(9)
    alike = [_unit((3 * np.ones(32) + rng.standard_normal((1, 32))).astype(np.float32)) for _ in range(40)]
    other = [_unit(rng.standard_normal((1, 32)).astype(np.float32)) for _ in range(40)]
    pictures = Pictures.of([*alike, *other])
    taken = crowds(pictures, [("a", None)] * 40 + [("b", None)] * 40)
    assert taken[:40].mean() < 0.05


def test_the_most_similar_pictures_count_half_and_all_together_half() -> None:
    first, second = _street(3, shared=0.0)
    one, other = Pictures.of(first), Pictures.of(second)
    for row in range(3):
        for column in range(3):
            best = max(float(p @ q) for p in first[row] for q in second[column])
            together = _unit(np.stack([first[row].sum(axis=0), second[column].sum(axis=0)]))
            assert one.alike(other)[row, column] == pytest.approx((best + together[0] @ together[1]) / 2, abs=1e-5)


def test_of_a_large_gallery_the_likeliest_are_compared_closely(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(30))))
    gallery, asked = _briefs(archive), make_sighting(4).vectors[MODEL]
    whole = compare_looks(archive, MODEL, asked, ("a", None), gallery, WHOLE_DAY)
    monkeypatch.setattr(looks, "CLOSER", 10)
    few = compare_looks(archive, MODEL, asked, ("a", None), gallery, WHOLE_DAY)
    best = int(np.argmax(few.similarity))
    assert gallery[best].id == make_sighting(4).id == gallery[int(np.argmax(whole.similarity))].id
    assert not np.isnan(few.similarity).any()
    assert np.corrcoef(few.similarity, whole.similarity)[0, 1] > 0.8


def test_what_was_forgotten_meanwhile_has_no_similarity(archive: Archive) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(6))))
    gone = SightingBrief("sighting-99999", "a", EIGHT, EIGHT, EIGHT, None)
    found = compare_looks(
        archive, MODEL, make_sighting(1).vectors[MODEL], ("b", None), [*_briefs(archive), gone], WHOLE_DAY
    )
    assert np.isnan(found.similarity).tolist() == [False] * 6 + [True]
    nothing = compare_looks(archive, MODEL, make_sighting(1).vectors[MODEL], ("b", None), [gone], WHOLE_DAY)
    assert np.isnan(nothing.similarity).all()
    assert nothing.shared is None
    assert not compare_looks(
        archive, MODEL, make_sighting(1).vectors[MODEL], ("b", None), [], WHOLE_DAY
    ).similarity.size
