"""A question goes to the address and comes back the same; going on keeps what an investigator set."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.vehicle import COLOURS, VEHICLE_TYPES, Box
from ui.web.question import (
    DIRECTIONS,
    LONGEST_PLATE,
    PARAMETERS,
    PageQuestion,
    PicturePart,
    QuestionError,
    from_params,
    to_params,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SHA = "0123456789abcdef" * 4
texts = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)
times = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))
sides = st.integers(0, 99_999).map(float)
parts = st.builds(PicturePart, st.just(SHA), st.none() | st.builds(Box, sides, sides, sides, sides))
questions = st.builds(
    PageQuestion,
    pictures=st.lists(parts, max_size=3).map(tuple),
    sighting=texts,
    plate=texts,
    type=st.none() | st.sampled_from(VEHICLE_TYPES),
    colour=st.none() | st.sampled_from(COLOURS),
    camera=texts,
    time=times,
    slack_s=st.integers(0, 3600).map(float),
    direction=st.sampled_from(DIRECTIONS),
    horizon_s=st.integers(1, 1440).map(lambda minutes: minutes * 60.0),
    at=times,
    case=texts,
    reason=texts,
    asked=st.booleans(),
)


def through_an_address(question: PageQuestion) -> PageQuestion:
    return from_params(dict(parse_qsl(urlencode(to_params(question)))))


@given(questions)
def test_a_question_comes_back_from_its_address(question: PageQuestion) -> None:
    assert through_an_address(question) == question
    assert set(to_params(question)) <= PARAMETERS


def test_a_point_and_its_radius_come_back() -> None:
    question = PageQuestion(point=(48.208200, 16.373800), radius_m=120.0)
    assert through_an_address(question) == question


@given(questions, st.lists(st.sampled_from(["s1", "s/2", "ß 3"]), max_size=3))
def test_the_trail_of_go_ons_comes_back_and_leads_back(question: PageQuestion, ids: list[str]) -> None:
    here = question
    for id_ in ids:
        here = here.go_on(id_)
    assert through_an_address(here) == here
    if ids:
        assert here.back_to(0) == question


def test_going_on_keeps_case_reason_direction_and_horizon() -> None:
    question = PageQuestion(
        plate="B*", camera="mill", time=NOON, direction="after", horizon_s=600.0, case="K-7", reason="theft", asked=True
    )
    onward = question.go_on("s1")
    assert (onward.case, onward.reason, onward.direction, onward.horizon_s) == ("K-7", "theft", "after", 600.0)
    assert (onward.sighting, onward.plate, onward.camera, onward.time) == ("s1", None, None, None)
    query = onward.query(())
    assert (query.case, query.reason, query.direction, query.horizon_s) == ("K-7", "theft", "after", 600.0)


def test_a_date_of_1999_is_searched_as_1999() -> None:
    query = through_an_address(PageQuestion(plate="B*", time=datetime(1999, 5, 4, 12, tzinfo=UTC))).query(())
    assert query.time == datetime(1999, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ({"time": "yesterday"}, "time=yesterday.*2026-05-04T10:00:08Z"),
        ({"time": "2026-05-04T10:00:08"}, "with its zone"),
        ({"time": "0001-01-01T00:00:00Z"}, "years 1970 to 2199"),
        ({"time": "9999-12-31T23:59:59Z"}, "years 1970 to 2199"),
        ({"at": "1969-12-31T23:59:59Z"}, "years 1970 to 2199"),
        ({"time": "A" * 5000}, "time=A{60}[.]{3}:"),
        ({"direction": "up"}, "both, after, before"),
        ({"minutes": "-3"}, "number from"),
        ({"minutes": "nan"}, "number from"),
        ({"plate": "A" * 5000}, f"{LONGEST_PLATE} characters at most, it has 5,000"),
        ({"point": "91,0"}, "latitude,longitude"),
        ({"point": "nan,0"}, "latitude,longitude"),
        ({"pic": "../../etc/passwd"}, "SHA-256"),
        ({"colour": "<b>"}, "one of white"),
    ],
)
def test_an_address_that_cannot_be_read_says_the_rule(params: dict[str, str], rule: str) -> None:
    with pytest.raises(QuestionError, match=rule):
        from_params(params)


def test_any_trail_in_an_address_is_read() -> None:
    assert from_params({"trail": "& plate%3DKR1 ;="}).trail == ("&", "plate=KR1", ";=")
