import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roadgraph.errors import RoadError
from roadgraph.geojson_area import contains, km2

SQUARE = {"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 51], [10, 50]]]}
HOLE = [[10.4, 50.4], [10.6, 50.4], [10.6, 50.6], [10.4, 50.6], [10.4, 50.4]]


def test_inside_and_outside() -> None:
    assert contains(SQUARE, 50.5, 10.5)
    assert not contains(SQUARE, 50.5, 11.5)
    assert not contains(SQUARE, 52.0, 10.5)


def test_many_places_are_asked_at_once() -> None:
    assert contains(SQUARE, [50.5, 50.5, 52.0], [10.5, 11.5, 10.5]).tolist() == [True, False, False]
    assert contains(SQUARE, [], []).tolist() == []


def test_a_hole_is_outside() -> None:
    ring = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], HOLE]}
    assert not contains(ring, 50.5, 10.5)
    assert contains(ring, 50.2, 10.2)


def test_one_of_several_features_is_enough() -> None:
    far = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}
    features = [{"type": "Feature", "geometry": geometry} for geometry in (far, SQUARE)]
    assert contains({"type": "FeatureCollection", "features": features}, 50.5, 10.5)


def test_a_line_is_no_area() -> None:
    with pytest.raises(RoadError, match="'LineString': draw it as a Polygon"):
        contains({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, 0.0, 0.0)


def test_the_size_of_an_area_leaves_out_its_holes() -> None:
    ring = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], HOLE]}
    whole_km2 = 111.19 * 111.19 * 0.643
    assert km2(SQUARE) == pytest.approx(whole_km2, rel=0.02)
    assert km2(ring) == pytest.approx(0.96 * whole_km2, rel=0.02)
    assert km2({"type": "MultiPolygon", "coordinates": []}) == 0


def test_a_feature_that_is_no_polygon_is_skipped() -> None:
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}
    area = {"type": "FeatureCollection", "features": [line, {"type": "Feature", "geometry": SQUARE}]}
    assert contains(area, 50.5, 10.5)
    assert km2(area) == km2(SQUARE)


def test_an_open_ring_is_closed() -> None:
    ring = [*SQUARE["coordinates"][0][:-1]]
    assert contains({"type": "Polygon", "coordinates": [ring]}, 50.5, 10.5)


@pytest.mark.parametrize(
    ("rings", "message"),
    [
        pytest.param([[]], "0 different points", id="an empty ring"),
        pytest.param([[[10, 50], [11, 51]]], "2 different points", id="two points"),
        pytest.param([[[10, 50], [11, 51], [10, 50]]], "2 different points", id="two points, closed"),
        pytest.param([[[10, 50], [11, 50], [float("nan"), 51]]], "not a number", id="not a number"),
        pytest.param([[[10, 50], [11, 50], [10, float("inf")]]], "not a number", id="infinite"),
        pytest.param([[[10], [11], [12]]], r"\[longitude, latitude\]", id="points with one number"),
        pytest.param([[["a", "b"], [11, 50], [11, 51]]], r"\[longitude, latitude\]", id="text"),
        pytest.param([7], r"\[longitude, latitude\]", id="a number for a ring"),
        pytest.param([SQUARE["coordinates"][0], []], "0 different points", id="an empty hole"),
        pytest.param([], "draw it as a Polygon", id="no ring"),
    ],
)
def test_a_broken_ring_is_refused_in_one_line(rings: list[object], message: str) -> None:
    for area in ({"type": "Polygon", "coordinates": rings}, {"type": "MultiPolygon", "coordinates": [rings]}):
        with pytest.raises(RoadError, match=message) as caught:
            contains(area, 50.5, 10.5)
        assert "\n" not in str(caught.value)


LON, LAT = st.floats(9, 12), st.floats(49, 52)


@given(corners=st.lists(st.tuples(LON, LAT), min_size=3, max_size=8, unique=True), lon=LON, lat=LAT)
def test_inside_means_an_odd_number_of_borders_to_the_east(
    corners: list[tuple[float, float]], lon: float, lat: float
) -> None:
    area = {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}
    east = [x for x in (_crossing(corners[i - 1], corners[i], lat) for i in range(len(corners))) if x is not None]
    assume(all(abs(x - lon) > 1e-6 for x in east))
    assume(all(abs(corner[1] - lat) > 1e-6 for corner in corners))
    assert contains(area, lat, lon) == (sum(x > lon for x in east) % 2 == 1)


def _crossing(start: tuple[float, float], end: tuple[float, float], lat: float) -> float | None:
    """Return the longitude at which a border crosses a latitude, None where it does not."""
    if (start[1] > lat) == (end[1] > lat):
        return None
    return start[0] + (lat - start[1]) / (end[1] - start[1]) * (end[0] - start[0])


@pytest.mark.parametrize(
    "ring",
    [
        pytest.param([[179, -18], [-179, -18], [-179, -16], [179, -16], [179, -18]], id="longitudes that jump"),
        pytest.param([[179, -18], [181, -18], [181, -16], [179, -16], [179, -18]], id="beyond 180"),
        pytest.param([[-181, -18], [-179, -18], [-179, -16], [-181, -16], [-181, -18]], id="beyond -180"),
    ],
)
def test_an_area_across_the_antimeridian(ring: list[list[float]]) -> None:
    area = {"type": "Polygon", "coordinates": [ring]}
    found = contains(area, [-17, -17, -17, -17, -17], [179.5, -179.5, 178, -178, 0])
    assert found.tolist() == [True, True, False, False, False]
    assert km2(area) == pytest.approx(222.4 * 212.7, rel=0.01)


@pytest.mark.parametrize("point", [[400, 0], [0, 91], [1e308, -1e308]])
def test_an_area_beyond_the_earth_is_refused(point: list[float]) -> None:
    with pytest.raises(RoadError, match="leaves the earth"):
        contains({"type": "Polygon", "coordinates": [[point, [1, 1], [2, 2], point]]}, 0.0, 0.0)
