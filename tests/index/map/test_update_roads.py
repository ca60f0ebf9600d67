"""A newer extract keeps cameras, sightings and learned times, and says what has changed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.map.learned_times import store_learned
from index.map.places import current_places, place_book
from index.map.update_roads import update_roads
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.upkeep.derived import sighting_problems
from roadgraph.camera import Camera
from roadgraph.pair_delays import ANY
from roadgraph.travel_time import PairPassage
from tests.index.conftest import make_sighting
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CAMERAS = [Camera(name, LAT0 + STEP, LON0 + (i + 0.5) * STEP, 90.0) for i, name in enumerate("abcd")]
ME = local_person()


@pytest.fixture
def town(tmp_path: Path) -> Archive:
    """An archive with four cameras along one street; from the first to each other, passages have taught the times."""
    archive = Archive.create(tmp_path / "archive")
    place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=12))
    place_book(archive).import_cameras(CAMERAS)
    pairs = [("a", other) for other in "bcd"]
    travel = current_places(archive).travel
    usual_s = {pair: travel.quantile(*pair, 0.5) for pair in pairs}
    passages = [PairPassage(*pair, 2.0 * usual_s[pair] + n, NOON) for pair in pairs for n in range(10)]
    with archive.catalogue.writing() as connection:
        counts = Counter({(*pair, ANY): 10 for pair in pairs})
        store_learned(connection, travel.learn(passages), counts, NOON)
    place_book(archive).reload_times()
    return archive


def ends(archive: Archive, edge: int) -> np.ndarray:
    graph = current_places(archive).roads
    return graph.edge_points(edge)[[0, -1]]


def test_a_street_more_keeps_everything_and_is_counted(town: Archive, tmp_path: Path) -> None:
    before = [one.travel.quantile("a", "c", 0.5) for one in (current_places(town),)]
    newer = write_osm(tmp_path / "newer.osm", rows=4, columns=12)
    done = update_roads(town, ME, newer)
    assert done.km_removed == 0
    assert done.km_added == pytest.approx(11 * 0.0820 + 12 * 0.1112, rel=0.01)
    assert done.cameras_resnapped == ()
    assert (done.pairs_kept, done.pairs_fading, done.pairs_dropped) == (3, 0, 0)
    assert current_places(town).travel.quantile("a", "c", 0.5) == pytest.approx(before[0], rel=1e-3)


def test_sightings_keep_the_road_they_took_under_its_new_number(town: Archive, tmp_path: Path) -> None:
    graph = current_places(town).roads
    views = {one.id: one.views for one in current_places(town).placed}
    seen = [
        replace(make_sighting(number, camera="b", text=None), edge=view.edge) for number, view in enumerate(views["b"])
    ]
    town.add(NewChunk(None, None, tuple(seen)))
    before = [ends(town, one.edge) for one in seen if one.edge is not None]
    assert len(before) == 2
    update_roads(town, ME, write_osm(tmp_path / "newer.osm", rows=5, columns=16))
    assert current_places(town).roads.fingerprint != graph.fingerprint
    with town.catalogue.reading() as connection:
        after = [one.edge for one in sightings.by_ids(connection, [one.id for one in seen])]
    assert all(edge is not None for edge in after)
    for old, edge in zip(before, after, strict=True):
        np.testing.assert_allclose(ends(town, edge or 0), old, atol=1e-6)
    assert after != [one.edge for one in seen]
    assert sighting_problems(town) == []


def test_a_street_that_was_moved_makes_its_cameras_look_elsewhere_and_drops_what_was_learned(
    town: Archive, tmp_path: Path
) -> None:
    # Without the streets of the cameras they are too far from any road, or see another one.
    done = update_roads(town, ME, write_osm(tmp_path / "newer.osm", rows=1, columns=12))
    assert done.km_removed > 1
    assert set(done.imported.cameras_off_roads) == set("abcd")
    assert done.cameras_resnapped == tuple("abcd")
    assert (done.pairs_kept, done.pairs_dropped) == (0, 3)


def test_there_must_be_a_map_to_update(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "bare") as bare, pytest.raises(ArchiveError, match="roads import"):
        update_roads(bare, ME, write_osm(tmp_path / "town.osm", rows=3, columns=3))
