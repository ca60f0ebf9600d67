"""Which places lie inside a drawn area."""

import pytest

from index.errors import ArchiveError
from index.inquiry.area import contains, km2

SQUARE = {"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 51], [10, 50]]]}
HOLE = [[10.4, 50.4], [10.6, 50.4], [10.6, 50.6], [10.4, 50.6], [10.4, 50.4]]


def test_inside_and_outside() -> None:
    assert contains(SQUARE, 50.5, 10.5)
    assert not contains(SQUARE, 50.5, 11.5)
    assert not contains(SQUARE, 52.0, 10.5)


def test_a_hole_is_outside() -> None:
    ring = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], HOLE]}
    assert not contains(ring, 50.5, 10.5)
    assert contains(ring, 50.2, 10.2)


def test_one_of_several_features_is_enough() -> None:
    far = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}
    features = [{"type": "Feature", "geometry": geometry} for geometry in (far, SQUARE)]
    assert contains({"type": "FeatureCollection", "features": features}, 50.5, 10.5)


def test_a_line_is_no_area() -> None:
    with pytest.raises(ArchiveError, match="'LineString': draw it as a Polygon"):
        contains({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, 0.0, 0.0)


def test_the_size_of_an_area_leaves_out_its_holes() -> None:
    ring = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], HOLE]}
    whole_km2 = 111.19 * 111.19 * 0.643
    assert km2(SQUARE) == pytest.approx(whole_km2, rel=0.02)
    assert km2(ring) == pytest.approx(0.96 * whole_km2, rel=0.02)
    assert km2({"type": "MultiPolygon", "coordinates": []}) == 0
