from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from index.map.learned_times import StoredNext, next_counts, read_learned, store_learned, with_learned
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from roadgraph.camera_times import CameraTimes
from roadgraph.next_counts import NextPassage
from roadgraph.pair_delays import ANY, PairScale
from roadgraph.travel_time import PairPassage, TravelTimes

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CAMERAS = 60


def times(speed: float = 1.0) -> CameraTimes:
    """A circle of cameras with one view each, 30 s from each to the next at a speed of 1."""
    ids = tuple(f"c{number:03d}" for number in range(CAMERAS))
    number = np.arange(CAMERAS, dtype=np.int32)
    free_s = 30.0 / speed * (1 + (number[None, :] - number[:, None]) % CAMERAS)
    return CameraTimes("made", ids, number, number, np.zeros(CAMERAS), free_s, free_s * 1.2, free_s / 60)


@pytest.fixture
def taught(archive: Archive) -> Archive:
    """An archive in which two pairs and one that is off the map have taught travel times."""
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(id_, 48.0, 15.0) for id_ in times().ids])
    passages = [PairPassage("c001", "c005", 170.0)] * 20 + [PairPassage("c010", "c012", 80.0)] * 20
    learned = TravelTimes(times()).learn(passages)
    counts = Counter({(one.first, one.second, ANY): 20 for one in passages})
    with archive.catalogue.writing() as connection:
        store_learned(connection, learned, counts, NOON)
    return archive


def loaded(archive: Archive, matrix: CameraTimes | None) -> TravelTimes:
    with archive.catalogue.reading() as connection:
        return with_learned(TravelTimes(matrix), read_learned(connection))


def test_learned_times_come_back_for_their_pairs(taught: Archive) -> None:
    travel = loaded(taught, times())
    assert set(travel.pairs) == {("c001", "c005"), ("c010", "c012")}
    assert travel.quantile("c001", "c005", 0.5) == pytest.approx(170.0, rel=0.03)


def test_learned_times_are_dropped_where_the_roads_have_changed_or_a_camera_is_gone(taught: Archive) -> None:
    assert loaded(taught, times(speed=1.2)).pairs == {}
    assert loaded(taught, times(speed=1.001)).pairs.keys() == loaded(taught, times()).pairs.keys()
    one_gone = times()
    one_gone = CameraTimes(
        "made", ("x", *one_gone.ids[1:5], "y", *one_gone.ids[6:]), *(getattr(one_gone, name) for name in TABLES)
    )
    assert set(loaded(taught, one_gone).pairs) == {("c010", "c012")}
    assert loaded(taught, None).pairs == {}


def test_learned_times_fade_where_the_shortest_way_has_changed_a_little(taught: Archive) -> None:
    same, faded, unlearned = (
        loaded(taught, times(speed=speed)).shape("c001", "c005").share for speed in (1.0, 1.08, 1.5)
    )
    between = np.abs(faded - same).sum(), np.abs(unlearned - faded).sum()
    assert min(between) > 0.1
    assert sum(between) == pytest.approx(np.abs(unlearned - same).sum(), rel=0.02)


def test_counted_next_cameras_keep_their_roads_on_the_same_map_only(taught: Archive) -> None:
    both = {NextPassage("c001", "c005", 1, 5): 7, NextPassage("c001", "c005", 2, 5): 2}
    with taught.catalogue.writing() as connection:
        travel = TravelTimes(times()).learn([PairPassage("c001", "c005", 170.0)])
        store_learned(connection, travel, Counter(), NOON, StoredNext(both, "this map"))
    with taught.catalogue.reading() as connection:
        learned = read_learned(connection)
    assert next_counts(TravelTimes(times()), learned, "this map").passages == both
    assert next_counts(TravelTimes(times()), learned, "another").passages == {NextPassage("c001", "c005"): 9}
    assert sum(next_counts(TravelTimes(times(speed=1.5)), learned, "this map").passages.values()) == 0


def test_only_the_pairs_with_passages_are_looked_at(taught: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look a pair of cameras would be a million at a thousand cameras."""
    looked: list[int] = []
    whole = CameraTimes.of_pairs

    def counted(self: CameraTimes, table: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        looked.append(np.broadcast(starts, ends).size)
        return whole(self, table, starts, ends)

    monkeypatch.setattr(CameraTimes, "of_pairs", counted)
    monkeypatch.setattr(CameraTimes, "per_camera", _refused)
    monkeypatch.setattr(PairScale, "of", _refused)
    assert len(loaded(taught, times()).pairs) == 2
    assert sum(looked) == 4


TABLES = ("view_camera", "view_edge", "view_along_m", "free_s", "usual_s", "km")


def _refused(*_: object) -> None:
    raise AssertionError("every pair of cameras was looked at")
