from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reid.photo_origin import PhotoOrigin
from ui.web.photo_origin import is_in_changed_hour, of_the_calendar, origin_words

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(("time", "is_offered"), [("1970-01-01T00:30:00", False), ("2026-05-04T08:30:00", True)])
def test_a_time_that_no_question_can_have_is_not_offered(time: str, is_offered: bool) -> None:
    """In UTC the first is of 1969: one click on it, and the page was nothing but an error."""
    origin = of_the_calendar(PhotoOrigin(datetime.fromisoformat(time), (48.2, 16.3)), VIENNA)
    assert len(origin_words(origin, VIENNA)) == 1 + is_offered


def test_the_zone_of_a_photograph_that_names_none_is_told_as_taken_for_granted() -> None:
    """The zone of the page stood beside it as if the photograph told it, though its clock may have been in another."""
    time = datetime.fromisoformat("2026-05-04T10:00:00")
    (said,) = origin_words(PhotoOrigin(time), VIENNA)
    assert said == "Mon 4 May 2026, 10:00:00 CEST, UTC+02:00, if its clock was in this time zone: it names none"
    (known,) = origin_words(PhotoOrigin(time.replace(tzinfo=UTC)), VIENNA)
    assert known == "Mon 4 May 2026, 12:00:00 CEST, UTC+02:00"


@pytest.mark.parametrize("time", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_a_photograph_of_the_hour_when_clocks_change_tells_no_moment(time: str) -> None:
    """The first of both was taken, an hour early, and what never was became an hour later."""
    taken = datetime.fromisoformat(time)
    assert is_in_changed_hour(taken, VIENNA)
    assert not is_in_changed_hour(taken.replace(tzinfo=UTC), VIENNA)
    (said,) = origin_words(PhotoOrigin(taken), VIENNA)
    assert "02:30:00, in the hour when clocks change" in said
    assert "UTC+" not in said
