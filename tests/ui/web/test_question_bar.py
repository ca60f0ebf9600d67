"""A real browser changes a question that was asked."""

import pytest

from tests.ui.web.browsing import Visit


@pytest.mark.slow
def test_changing_the_question_changes_that_question_and_asks_again(visit: Visit) -> None:
    visit.search("red car")
    visit.see(".st-key-question_bar button:has-text('30 min')").click()
    visit.see("[data-testid=stPopoverBody] [class*=st-key-direction]")
    visit.choose("horizon", "60 min")
    visit.see(".st-key-question_bar button:has-text('1 h')")
    assert "colour=red" in visit.page.url
    assert "minutes=60" in visit.page.url
    visit.answered()
