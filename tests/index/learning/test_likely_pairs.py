from collections.abc import Sequence

import numpy as np
import pytest

from index.learning.camera_views import CameraView, recent_views, views_of
from index.learning.likely_pairs import MOST_PAIRS, likely_pairs
from index.records import NewChunk
from index.search.calibration import AppearanceScale, appearance_llr
from index.search.looks import Pictures, SharedLook
from index.store.archive import Archive
from index.store.catalogue import sightings
from roadgraph.camera_times import CameraTimes
from roadgraph.clock_pairs import SURE
from tests.index.conftest import make_sighting
from tests.index.learning.test_travel import NINE, drive, places_of, town

__all__ = ["town"]

TELLING = AppearanceScale(usual=0.0, spread=0.25, bias=-3.0, per_similarity=8.0, per_z_score=0.0, limit=7.0)


def view(
    camera: str,
    clock_s: Sequence[float],
    looks: np.ndarray,
    *,
    vehicle: Sequence[int] | None = None,
    plates: Sequence[str | None] | None = None,
) -> CameraView:
    unit = looks / np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-9)
    return CameraView(
        camera=camera,
        clock_s=np.array(clock_s, dtype=float),
        vectors=unit[:, None, :].astype(np.float32),
        edges=(None,) * len(clock_s),
        vehicle=np.array(vehicle if vehicle is not None else [-1] * len(clock_s)),
        plates=tuple(plates) if plates is not None else (None,) * len(clock_s),
    )


@pytest.fixture
def times(town: Archive) -> CameraTimes:
    found = places_of(town).travel.times
    assert found is not None
    return found


def test_odds_are_those_of_looks_and_compete(times: CameraTimes) -> None:
    looks = np.eye(4)
    first, second = view("a", [0, 5, 9], looks[:3]), view("b", [60, 70], looks[:2] + 0.1)
    pairs = likely_pairs(first, second, times, TELLING)
    pictures, seen = [*first.vectors, *second.vectors], [("a", None)] * 3 + [("b", None)] * 2
    shared = SharedLook.of(Pictures.of(pictures), seen)
    by_first = shared.taken_off(Pictures.of(pictures[:3]), seen[:3])
    similarity = by_first.alike(shared.taken_off(Pictures.of(pictures[3:]), seen[3:]))
    llr = 0.5 * (
        np.stack([appearance_llr(row, TELLING) for row in similarity])
        + np.stack([appearance_llr(row, TELLING) for row in similarity.T]).T
    )
    slow = {
        round(second.clock_s[j] - first.clock_s[i]): np.exp(llr[i, j]) / np.sqrt(3 * 2)
        for i in range(3)
        for j in range(2)
    }
    found = dict(zip(pairs.elapsed_s.round().astype(int).tolist(), pairs.odds.tolist(), strict=True))
    assert found == pytest.approx({elapsed: odds for elapsed, odds in slow.items() if odds > 1e-3})
    right = np.isin(pairs.elapsed_s, [60, 65])
    assert pairs.probability(0.5)[right].min() > 0.5 > pairs.probability(0.5)[~right].max()
    assert np.all(pairs.probability(0.05) < pairs.probability(0.6))


def test_known_pairs_are_sure_and_plates_that_differ_are_no_pair(times: CameraTimes) -> None:
    alike = np.ones((2, 4))
    first = view("a", [0, 5], alike, vehicle=[7, -1], plates=["KR1234", "KR9999"])
    second = view("b", [60, 70], alike, vehicle=[7, -1], plates=["KR1234", "WX5555"])
    pairs = likely_pairs(first, second, times, TELLING)
    assert pairs.elapsed_s.tolist() == [60]
    assert pairs.known.tolist() == [True]
    assert pairs.probability(0.05).tolist() == [SURE]


def test_sightings_without_vectors_count_only_where_they_are_known(times: CameraTimes) -> None:
    nothing = np.zeros((2, 1))
    first = view("a", [0, 5], nothing, vehicle=[3, -1])
    second = view("b", [60, 70], np.eye(2, 8), vehicle=[3, -1])
    assert likely_pairs(first, second, times, TELLING).elapsed_s.tolist() == [60]


def test_of_very_many_pairs_the_likeliest_count(times: CameraTimes) -> None:
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(60, 4))
    first, second = view("a", list(range(60)), looks), view("b", list(range(60, 120)), looks)
    pairs = likely_pairs(first, second, times, TELLING)
    assert len(pairs.elapsed_s) == MOST_PAIRS
    assert np.count_nonzero(pairs.elapsed_s == 60) == 60


def test_drives_that_take_too_long_are_no_pairs(times: CameraTimes) -> None:
    pairs = likely_pairs(view("a", [0], np.eye(1, 4)), view("b", [5000], np.eye(1, 4)), times, TELLING)
    assert len(pairs.elapsed_s) == 0


def test_the_newest_sightings_of_each_camera_are_gathered(town: Archive) -> None:
    drive(town, 6)
    with town.catalogue.reading() as connection:
        recent = recent_views(connection, "abcd", 4)
    assert [view.camera for view in recent.views] == ["a", "b", "c", "d"]
    assert all(len(view.clock_s) == 4 for view in recent.views)
    assert recent.whole == frozenset()
    assert all(view.clock_s.min() > NINE.timestamp() + 60 for view in recent.views)
    assert recent_views_of_all(town) == {"a", "b", "c", "d"}


def recent_views_of_all(archive: Archive) -> frozenset[str]:
    with archive.catalogue.reading() as connection:
        return recent_views(connection, "abcd", 7).whole


def test_views_repeat_shots_and_leave_missing_vectors_zero(town: Archive) -> None:
    with_two, without = make_sighting(1, camera="a", shots=2), make_sighting(2, camera="a", shots=1)
    town.add(NewChunk(None, None, (with_two, without)))
    with town.catalogue.reading() as connection:
        newest = sightings.newest(connection, "a", 10)
    (own,) = views_of(newest, {with_two.id: np.ones((2, 3), np.float32)}, [], {})
    assert own.vectors.shape == (2, 2, 3)
    assert own.has_vectors.tolist() == [True, False]
