import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from ui.report.route_map import _bar_m, _cut

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
