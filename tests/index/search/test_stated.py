"""A type and a colour that the investigator states."""

import numpy as np

from index.search.stated import add, stated_llrs, usual_shares
from reid.vehicle import Attributes


def test_a_rare_type_counts_more_than_a_common_one() -> None:
    car, bus = Attributes({"car": 1.0}, {}), Attributes({"bus": 1.0}, {})
    gallery = [car] * 9 + [bus]
    assert stated_llrs(gallery, type_="bus", colour=None)[-1] > 2
    assert 0 < stated_llrs(gallery, type_="car", colour=None)[0] < 0.5


def test_type_and_colour_add_up_and_a_sighting_that_tells_neither_is_missing() -> None:
    gallery = [Attributes({"car": 1.0}, {"red": 1.0}), Attributes({"car": 1.0}, {"blue": 1.0}), Attributes({}, {})]
    both = stated_llrs(gallery, type_="car", colour="red")
    assert both[0] > both[1]
    assert np.isnan(both[2])


def test_shares_leave_out_those_that_do_not_tell() -> None:
    assert usual_shares([{"red": 1.0}, {"red": 0.5, "blue": 0.5}, {}]) == {"red": 0.75, "blue": 0.25}


def test_a_sum_is_missing_only_where_both_are() -> None:
    total = add(np.array([np.nan, 1.0, 1.0]), np.array([np.nan, np.nan, 2.0]))
    assert np.isnan(total[0])
    assert total[1:].tolist() == [1.0, 3.0]
