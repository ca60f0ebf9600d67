"""Maps draw the roads of the archive, in few enough points."""

import json

import pytest

from index.map.places import current_places
from index.store.archive import Archive
from ui.web.map_base import MAX_ROADS, MapBase, roads_json, roads_of
from ui.web.map_view import MapView, map_data


def test_the_roads_of_the_archive_are_drawn_once_each(small_archive: Archive) -> None:
    places = current_places(small_archive)
    assert places is not None
    roads = roads_of(places.graph)
    assert 0 < len(roads) <= min(MAX_ROADS, places.graph.edges)
    drawn = json.loads(roads_json(places.graph))
    assert len(drawn["main"]) + len(drawn["minor"]) == len(roads) == len(drawn["names"])
    lines = dict(zip(map(str, [*drawn["main"], *drawn["minor"]]), drawn["names"], strict=True))
    assert all(lines[str([list(point) for point in road.path])] == road.name for road in roads)


def test_a_large_network_is_drawn_in_fewer_points_but_no_road_loses_its_ends(
    small_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = current_places(small_archive)
    assert places is not None
    whole = roads_of(places.graph)
    monkeypatch.setattr("ui.web.map_base.MAX_POINTS", 1)
    straight = roads_of(places.graph)
    assert sum(len(road.path) for road in straight) < sum(len(road.path) for road in whole)
    assert [(road.path[0], road.path[-1]) for road in straight] == [(road.path[0], road.path[-1]) for road in whole]


def test_a_map_of_cameras_alone_is_still_a_map() -> None:
    base = MapBase({"bridge": (54.0, 6.0)})
    assert base.drawable
    data = json.loads(json.dumps(map_data(MapView(base, point=(54.1, 6.1)), 300)))
    assert data["cameras"] == [{"id": "bridge", "lat": 54.0, "lon": 6.0, "bearing": None, "colour": None}]
    assert data["asked"] == {"lat": 54.1, "lon": 6.1, "cam": None}
    assert data["roads"] is None
