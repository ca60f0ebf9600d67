"""A type and a colour that the investigator states."""

import numpy as np
import pytest

from index.search.stated import LEAST_USUAL, add, stated_llrs
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


def test_type_and_colour_that_go_together_count_once() -> None:
    car, bus = Attributes({"car": 1.0}, {"white": 1.0}), Attributes({"bus": 1.0}, {"yellow": 1.0})
    gallery = [car] * 6 + [bus] * 4
    both, alone = (stated_llrs(gallery, type_="bus", colour=colour)[-1] for colour in ("yellow", None))
    assert both == pytest.approx(alone, abs=0.05)


def test_what_is_usual_is_counted_among_those_that_tell() -> None:
    gallery = [Attributes({}, {"red": 1.0}), Attributes({}, {"red": 0.5, "blue": 0.5}), Attributes({"car": 1.0}, {})]
    assert stated_llrs(gallery, type_=None, colour="red")[0] == pytest.approx(np.log(1 / 0.75))


def test_however_rare_a_description_is_it_counts_at_most_ten_times() -> None:
    gallery = [Attributes({"car": 1.0}, {})] * 999 + [Attributes({"bus": 1.0}, {})]
    assert stated_llrs(gallery, type_="bus", colour=None)[-1] == pytest.approx(-np.log(LEAST_USUAL))


def test_a_sum_is_missing_only_where_both_are() -> None:
    total = add(np.array([np.nan, 1.0, 1.0]), np.array([np.nan, np.nan, 2.0]))
    assert np.isnan(total[0])
    assert total[1:].tolist() == [1.0, 3.0]
