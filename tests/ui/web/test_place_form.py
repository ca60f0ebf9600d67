"""Typed coordinates become points."""

import pytest

from ui.web.place_form import read_point


def test_a_point_is_read_in_the_order_latitude_longitude() -> None:
    assert read_point("48.2082, 16.3738") == (48.2082, 16.3738)
    assert read_point("-33.9;18.4") == (-33.9, 18.4)


@pytest.mark.parametrize("text", ["48.2", "48.2, 16.3, 2", "north, south", "148.2, 16.3", "nan, 3"])
def test_a_point_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="latitude"):
        read_point(text)
