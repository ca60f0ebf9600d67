from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from index.learning.labels import HELD_OUT, SLACK, Labels, labels_of, pick_labels
from index.map.places import current_places, place_book
from index.records import NewChunk, SightingBrief
from index.store.archive import Archive
from reid.plates.spelling import CHARACTERS
from roadgraph.camera import Camera
from tests.index.conftest import EIGHT, make_sighting
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

PLACED = tuple(Camera(name, LAT0 + STEP, LON0 + (i * 8 + 0.5) * STEP, 90.0) for i, name in enumerate("abcd"))


def passage(id_: str, camera: str = "a", first_s: float = 0.0, lasts_s: float = 2.0) -> SightingBrief:
    first = EIGHT + timedelta(seconds=first_s)
    return SightingBrief(id_, camera, first, first, first + timedelta(seconds=lasts_s), None)


def together(labels: Labels, one: str, other: str) -> bool:
    number = dict(zip(labels.ids, labels.vehicle.tolist(), strict=True))
    return bool(number[one] == number[other])


def are_rivals(labels: Labels, one: str, other: str) -> bool:
    number = dict(zip(labels.ids, labels.vehicle.tolist(), strict=True))
    return bool(labels.rivals[number[one], number[other]])


def learned_from(count: int = 2) -> list[str]:
    """Return ids of sightings whose vehicles are not held out when they come first."""
    found = labels_of([passage(f"s{n}") for n in range(40)], [], {}, None)
    kept = []
    for id_ in found.ids:
        held_out = labels_of([passage(id_), passage("z", "b")], [[id_, "z"]], {}, None).held_out
        kept += [] if held_out else [id_]
    return kept[:count]


def test_plates_join_sightings_and_one_vehicle_in_three_is_held_out() -> None:
    ids = [f"v{n:03d}" for n in range(300)]
    both = [passage(f"{id_}{camera}", camera, 100.0 * n) for n, id_ in enumerate(ids) for camera in "ab"]
    labels = labels_of(both, [[f"{id_}a", f"{id_}b"] for id_ in ids], {}, None)
    held_out = {id_ for own in labels.held_out for id_ in own}
    assert len(labels.held_out) == pytest.approx(len(ids) / HELD_OUT, rel=0.25)
    assert all(together(labels, f"{id_}a", f"{id_}b") != (f"{id_}a" in held_out) for id_ in ids)
    assert not labels.rivals.any()


def test_overlapping_sightings_at_one_camera_are_two_vehicles() -> None:
    labels = labels_of([passage("s1"), passage("s2", first_s=1.0), passage("s3", first_s=9.0)], [], {}, None)
    assert are_rivals(labels, "s1", "s2")
    assert not are_rivals(labels, "s1", "s3")


def test_two_parts_of_one_track_are_not_rivals() -> None:
    first, second = learned_from()
    parts = [passage(first), passage(second, first_s=1.0)]
    labels = labels_of(sorted(parts, key=lambda one: one.id), [sorted([first, second])], {}, None)
    assert together(labels, first, second)
    assert not labels.rivals.any()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param("KR1234AB", False, id="the same"),
        pytest.param("KR1Z34A8", False, id="two characters misread"),
        pytest.param("WL9876CD", True, id="another"),
        pytest.param("KR1", True, id="much shorter"),
    ],
)
def test_very_different_plates_are_two_vehicles(other: str, expected: bool) -> None:
    passages = [passage("s1"), passage("s2", "b", 50.0)]
    labels = labels_of(passages, [], {"s1": "KR1234AB", "s2": other}, None)
    assert are_rivals(labels, "s1", "s2") is expected


def edit_distance(one: str, other: str) -> int:
    """Return Levenshtein's distance, cell by cell."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def test_rival_plates_are_never_within_two_edits() -> None:
    rng = np.random.default_rng(4)
    texts = ["".join(rng.choice(list(CHARACTERS[:12]), int(rng.integers(5, 9)))) for _ in range(60)]
    passages = [passage(f"s{n:02d}", "ab"[n % 2], 100.0 * n) for n in range(60)]
    labels = labels_of(passages, [], {one.id: text for one, text in zip(passages, texts, strict=True)}, None)
    rivals = [(i, j) for i, j in combinations(range(60), 2) if labels.rivals[i, j]]
    assert rivals
    assert all(edit_distance(texts[i], texts[j]) >= 3 for i, j in rivals)


def test_held_out_plates_count_as_unread() -> None:
    held = next(id_ for id_ in (f"h{n}" for n in range(99)) if _held_out_with(id_))
    passages = sorted([passage(held), passage("zz", "b", 50.0), passage("y", "c", 90.0)], key=lambda one: one.id)
    labels = labels_of(passages, [[held, "zz"]], {held: "KR1234AB", "zz": "KR1234AB", "y": "WL9876CD"}, None)
    assert labels.held_out == ((held, "zz"),)
    assert not labels.rivals.any()


def _held_out_with(id_: str) -> Sequence[Sequence[str]]:
    return labels_of([passage(id_), passage("zz", "b")], [[id_, "zz"]], {}, None).held_out


def test_sightings_of_known_vehicles_are_chosen_first(archive: Archive) -> None:
    plates = {0: "KR1234AB", 1: "KR1234AB"}
    archive.add(NewChunk(None, None, tuple(make_sighting(n, text=plates.get(n)) for n in range(8))))
    labels = pick_labels(archive, most=3)
    assert labels.ids == ("sighting-00000", "sighting-00001", "sighting-00007")
    assert labels.cameras == ("a", "b", "b")


def test_an_empty_archive_has_no_labels(archive: Archive, tmp_path: Path) -> None:
    labels = pick_labels(archive, most=10)
    assert labels.ids == ()
    assert labels.rivals.shape == (0, 0)


def test_an_impossible_drive_is_two_vehicles(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as town:
        place_book(town).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=30))
        place_book(town).import_cameras(PLACED)
        assert current_places(town) is not None
        times = current_places(town).travel.times
    assert times is not None
    least_s = times.between("a", "d").free_s / SLACK
    late = passage("s3", "d", 2.0 + least_s + 1.0)
    labels = labels_of([passage("s1", "a"), passage("s2", "d", 2.0 + least_s / 3), late], [], {}, times)
    assert least_s > 30
    assert are_rivals(labels, "s1", "s2")
    assert not are_rivals(labels, "s1", "s3")
