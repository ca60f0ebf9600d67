"""Pieces of a map that its edge cuts off: cameras there are placed, and no way to them is no proof against them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.map.places import current_places, place_book
from index.map.reach import reach_from_camera
from index.records import NewChunk
from index.search.search import search
from index.store.archive import Archive
from roadgraph.camera import Camera
from roadgraph.reachability import ReachOptions
from tests.index.conftest import make_sighting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def border(tmp_path: Path, material: Path) -> Archive:
    """An archive of Krems with two cameras in its largest piece and one in a town that the frame cut off."""
    archive = Archive.create(tmp_path / "archive")
    imported = place_book(archive).import_roads(material / "roads" / "krems.osm.gz")
    assert imported.pieces > 1
    graph = current_places(archive).roads
    pieces = graph.piece_of_edge
    sizes = np.bincount(pieces, weights=graph.edge_length_m)
    largest, other = np.argsort(-sizes)[:2]
    long = np.argsort(-graph.edge_length_m, kind="stable")
    inside = [edge for edge in long.tolist() if pieces[edge] == largest and graph.edge_reverse[edge] >= 0]
    outside = next(edge for edge in long.tolist() if pieces[edge] == other and graph.edge_reverse[edge] >= 0)
    middles = [graph.position(edge, float(graph.edge_length_m[edge]) / 2) for edge in (inside[0], inside[4], outside)]
    place_book(archive).import_cameras([Camera(name, *at) for name, at in zip("abc", middles, strict=True)])
    return archive


def test_a_camera_in_another_piece_is_placed_and_reached_by_the_straight_line(border: Archive) -> None:
    places = current_places(border)
    assert [one.id for one in places.placed] == ["a", "b", "c"]
    assert places.travel.has_way("a", "b")
    assert not places.travel.has_way("a", "c")
    answer = reach_from_camera(border, "a", ReachOptions(horizon_s=1200), at=NOON)
    assert answer.no_way == {"c"}
    reached = {one.camera for one in answer.hypothesis.cameras}
    assert "c" in reached
    assert answer.area_km is not None


def test_a_sighting_in_another_piece_is_not_ruled_out(border: Archive) -> None:
    seen = [
        replace(make_sighting(number, camera=camera, text="KR123AB"), first=at, best=at, last=at, edge=None)
        for number, camera, at in ((1, "a", NOON), (2, "c", NOON + timedelta(minutes=9)))
    ]
    seen[1] = replace(seen[1], vectors=seen[0].vectors)
    border.add(NewChunk(None, None, tuple(seen)))
    *_, ranking = search(border, Query(sighting=seen[0].id), local_person())
    assert [candidate.sighting.id for candidate in ranking.candidates] == [seen[1].id]
    travel = ranking.candidates[0].evidence.travel
    assert travel is not None
    assert travel > -1
    assert ranking.rests_on is not None
    assert ranking.rests_on.no_way == ("c",)
    assert "the map knows no way to c" in ranking.rests_on.words
    assert ranking.itinerary is not None
    assert [stop.camera for stop in ranking.itinerary.stops] == ["c"]


@pytest.mark.parametrize("name", ["monaco.osm.gz", "berlin-siegessaeule.osm.gz", "krems.osm.gz", "andorra.osm.pbf"])
def test_little_of_a_real_extract_is_left_out(tmp_path: Path, material: Path, name: str) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        imported = place_book(archive).import_roads(material / "roads" / name)
    assert imported.dropped_km < 0.02 * imported.km
