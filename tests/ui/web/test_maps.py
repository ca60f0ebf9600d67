"""Maps draw the roads of the archive and load nothing."""

import json
from datetime import UTC, datetime

import pytest

from index.answers import Candidate, Evidence, Ranking
from index.map.places import current_places, place_book
from index.records import Sighting
from index.store.archive import Archive
from reid.vehicle import Attributes, Box, Plate
from ui.web.maps import MAX_ROADS, MapBase, answer_map, picker_map, roads_of
from ui.web.theme import DARK, LIGHT

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def sighting(id_: str = "s1", camera: str = "bridge", plate: str | None = None) -> Sighting:
    read = Plate(Box(0, 0, 9, 3), (), plate, 0.8) if plate else None
    look = Attributes({"car": 1.0}, {"red": 1.0})
    return Sighting(id_, camera, None, NOON, NOON, NOON, Box(0, 0, 9, 9), look, read, None, ())


def candidate(probability: float = 0.9, camera: str = "bridge", why: str = "looks the same") -> Candidate:
    return Candidate(sighting(f"at-{camera}", camera), NOON, probability, Evidence(3.0, None, -2.0, 0.0), why)


def test_the_maps_draw_the_archives_own_roads_and_ask_nobody_for_tiles(small_archive: Archive) -> None:
    assert current_places(small_archive) is not None
    roads = roads_of(current_places(small_archive).graph)
    cameras = {camera.id: (camera.lat, camera.lon) for camera in place_book(small_archive).cameras()}
    base = MapBase(roads, cameras)
    assert 0 < len(roads) <= min(MAX_ROADS, current_places(small_archive).graph.edges)
    ranking = Ranking((), (candidate(camera="bridge"), candidate(camera="nowhere")))
    for deck in (picker_map(base, LIGHT, chosen="mill", point=None), answer_map(base, ranking, DARK, asked=None)):
        drawn = json.loads(deck.to_json())
        assert drawn.get("mapStyle") in (None, "__MAP_STYLE__")
        assert "mapProvider" not in drawn
        assert "http" not in deck.to_json()


def test_a_large_network_is_drawn_in_fewer_points_but_no_road_loses_its_ends(
    small_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert current_places(small_archive) is not None
    whole = roads_of(current_places(small_archive).graph)
    monkeypatch.setattr("ui.web.maps.MAX_POINTS", 1)
    straight = roads_of(current_places(small_archive).graph)
    assert sum(len(road.path) for road in straight) < sum(len(road.path) for road in whole)
    assert [(road.path[0], road.path[-1]) for road in straight] == [(road.path[0], road.path[-1]) for road in whole]


def test_a_map_of_cameras_alone_is_still_a_map() -> None:
    base = MapBase((), {"bridge": (54.0, 6.0)})
    view = json.loads(answer_map(base, Ranking((), (candidate(),)), LIGHT, asked=(54.0, 6.0)).to_json())
    assert view["initialViewState"]["latitude"] == pytest.approx(54.0)
    assert 12 < view["initialViewState"]["zoom"] < 18
