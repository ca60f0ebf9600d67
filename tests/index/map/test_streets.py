"""A sighting is on the street of its edge, else on that of its camera where there is only one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.browse import get_sighting
from index.access.permissions import local_person
from index.map.map_changes import move_camera, set_clock
from index.map.places import current_places
from index.map.streets import streets_of
from index.store.archive import Archive
from index.store.catalogue.clocks import ClockOffset
from roadgraph.camera import Camera
from tests.ui.conftest import make_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("streets")) as archive:
        yield archive


def test_the_edge_of_a_sighting_names_its_street(archive: Archive) -> None:
    seen, places = get_sighting(archive, "red-bridge", local_person()), current_places(archive)
    assert places is not None
    named = [int(edge) for edge in np.flatnonzero(places.graph.edge_name) if places.graph.name(int(edge))]
    assert len(named) >= 5
    for edge in named[:5]:
        found = streets_of(archive, [replace(seen, edge=edge)], local_person())
        assert found == {"red-bridge": places.graph.name(edge)}


def test_without_an_edge_the_camera_names_it_if_it_sees_one_street(archive: Archive) -> None:
    places = current_places(archive)
    assert places is not None
    told = set()
    for camera in places.placed:
        seen = replace(get_sighting(archive, f"red-{camera.id}", local_person()), edge=None)
        names = {places.graph.name(view.edge) for view in camera.views} - {""}
        found = streets_of(archive, [seen], local_person())
        assert found == ({seen.id: names.pop()} if len(names) == 1 else {})
        told |= set(found.values())
    assert told


def test_an_edge_that_the_map_does_not_have_is_no_street(archive: Archive) -> None:
    seen = replace(get_sighting(archive, "red-bridge", local_person()), edge=10**6, camera="elsewhere")
    assert streets_of(archive, [seen], local_person()) == {}


def test_a_camera_with_a_wrong_clock_stood_where_it_stood_by_true_time(tmp_path: Path) -> None:
    """A clock an hour ahead: what it saw before it was moved got the street where it was moved to."""
    with make_archive(tmp_path) as archive:
        by_street: dict[str, Camera] = {}
        for camera in current_places(archive).placed:
            names = {current_places(archive).graph.name(view.edge) for view in camera.views} - {""}
            by_street |= {names.pop(): camera.camera} if len(names) == 1 else {}
        (street, here), (_, there), *_ = by_street.items()
        seen = replace(get_sighting(archive, f"red-{here.id}", local_person()), edge=None)
        set_clock(archive, local_person(), ClockOffset(here.id, 3600.0, 3599.0, 3601.0))
        move_camera(archive, local_person(), replace(there, id=here.id), seen.best - timedelta(minutes=30))
        assert streets_of(archive, [seen], local_person()) == {seen.id: street}
