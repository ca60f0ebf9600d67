from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from index.casework.contents import Exhibit
from index.records import Sighting
from index.store.catalogue.cameras import StoredCamera
from reid.vehicle import Attributes, Box, Plate
from ui.report.report_words import plate_of
from ui.report.route_map import _bar_m, _cut, _Frame, _spots

PLACES = st.tuples(st.floats(-200, 300), st.floats(-200, 300)).map(lambda one: (round(one[0]), round(one[1])))


@given(PLACES, PLACES)
def test_a_road_is_cut_where_the_map_ends(start: tuple[float, float], end: tuple[float, float]) -> None:
    found = _cut(start, end, 100.0, 60.0)
    inside = LineString([start, end]).intersection(box(0, 0, 100, 60)).length
    length = 0.0 if found is None else LineString(found).length
    assert length == pytest.approx(inside, abs=0.3)


@pytest.mark.parametrize(("width_m", "bar_m"), [(300, 50), (1000, 100), (1300, 200), (50_000, 5000), (3, 1)])
def test_the_bar_is_a_round_length(width_m: float, bar_m: int) -> None:
    assert _bar_m(width_m) == bar_m


def test_a_camera_that_was_moved_stands_where_it_saw_each_sighting() -> None:
    """Both stood at the place of the later one."""
    frame = _Frame.around([(15.0, 48.0), (15.1, 48.0)])
    places = [StoredCamera("north", 48.0, lon) for lon in (15.0, 15.1)]
    exhibits = [exhibit(f"E{number}", place) for number, place in enumerate(places, start=1)]
    spots = _spots({"north": places[1], "south": StoredCamera("south", 48.0, 15.05)}, exhibits, frame)
    assert [spot.name for spot in spots] == ["north: E1", "north: E2", "south"]
    assert spots[0].east_m < spots[2].east_m < spots[1].east_m


def exhibit(label: str, camera: StoredCamera) -> Exhibit:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    seen = Sighting(label, camera.id, None, now, now, now, Box(0, 0, 9, 9), Attributes({}, {}), None, None, ())
    return Exhibit(label, "yes", seen, now, camera, None, None, None, None, None, True)


def test_of_an_imported_plate_nobody_may_have_said_how_sure_it_is() -> None:
    """A log without confidences had plates "read with 90 % confidence", which nobody had said."""
    shown = exhibit("E1", StoredCamera("north", 48.0, 15.0))
    plate = Plate(Box(0, 0, 9, 3), (), "KR12ABC", 0.9)
    for footage, said in ((None, "taken as read with 90 %"), ("film", "(read with 90 %")):
        assert said in plate_of(replace(shown, sighting=replace(shown.sighting, plate=plate, footage=footage)))
