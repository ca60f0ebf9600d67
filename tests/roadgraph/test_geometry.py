import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadgraph.geometry import LocalPlane, bearing_deg, distance_m, middle_longitude, turn_between_deg

LAT, LON = st.floats(-80, 80), st.floats(-179, 179)


def test_a_degree_of_latitude_is_sixty_nautical_miles() -> None:
    assert distance_m(42.0, 1.5, 43.0, 1.5) == pytest.approx(111_195, rel=1e-4)


@pytest.mark.parametrize(("to", "bearing"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)])
def test_bearings_count_clockwise_from_north(to: tuple[float, float], bearing: float) -> None:
    assert bearing_deg(0.0, 0.0, *to) == pytest.approx(bearing)


@given(first=st.floats(-720, 720), second=st.floats(-720, 720))
def test_two_bearings_are_never_more_than_half_a_turn_apart(first: float, second: float) -> None:
    apart = turn_between_deg(first, second)
    assert 0 <= apart <= 180
    assert math.cos(math.radians(apart)) == pytest.approx(math.cos(math.radians(first - second)), abs=1e-9)


@given(lat=LAT, lon=LON, dlat=st.floats(-0.2, 0.2), dlon=st.floats(-0.2, 0.2))
def test_the_plane_goes_there_and_back_and_keeps_distances(lat: float, lon: float, dlat: float, dlon: float) -> None:
    plane = LocalPlane(lat, lon)
    xy = plane.to_xy(lat + dlat, lon + dlon)
    assert plane.to_latlon(xy)[0] == pytest.approx((lat + dlat, lon + dlon), abs=1e-9)
    true_m = distance_m(lat, lon, lat + dlat, lon + dlon)
    assert math.hypot(*xy[0]) == pytest.approx(true_m, rel=0.02, abs=0.01)


def test_a_plane_works_across_the_antimeridian() -> None:
    plane = LocalPlane(-17.0, middle_longitude(-179.9, 179.9))
    xy = plane.to_xy([-17.0, -17.0], [179.9, -179.9])
    assert xy[1, 0] - xy[0, 0] == pytest.approx(distance_m(-17.0, 179.9, -17.0, -179.9), rel=1e-3)
    assert plane.to_latlon(xy)[:, 1].tolist() == pytest.approx([179.9, -179.9])
