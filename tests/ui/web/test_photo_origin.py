from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from reid.photo_origin import PhotoOrigin
from ui.web.photo_origin import of_the_calendar, origin_words

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(("time", "is_offered"), [("1970-01-01T00:30:00", False), ("2026-05-04T08:30:00", True)])
def test_a_time_that_no_question_can_have_is_not_offered(time: str, is_offered: bool) -> None:
    """In UTC the first is of 1969: one click on it, and the page was nothing but an error."""
    origin = of_the_calendar(PhotoOrigin(datetime.fromisoformat(time), (48.2, 16.3)), VIENNA)
    assert len(origin_words(origin, VIENNA)) == 1 + is_offered
