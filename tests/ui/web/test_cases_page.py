"""A real browser opens a case, writes a note and takes the report."""

from pathlib import Path

import pytest

from index.access.cases import close_case, mark_sighting, open_case, read_case
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.web.browsing import Visit
from ui.report.verify import verify_report


@pytest.mark.slow
def test_a_case_is_opened_annotated_and_reported(visit: Visit, served: tuple[str, Path], tmp_path: Path) -> None:
    number = f"R-{visit.page.evaluate('window.performance.now()'):.0f}"
    with Archive.open(served[1]) as archive:
        open_case(archive, local_person(), number, "<b>a red car</b>")
        mark_sighting(archive, local_person(), number, "red-mill", "yes")
    visit.page.goto(f"{visit.page.url.split('?')[0]}cases?case={number}")
    visit.see(".rt-headline:has-text('<b>a red car</b>')")
    visit.see(".rt-headline:has-text('1 confirmed')")
    visit.see(".cell .mark.yes")
    visit.see("textarea").fill("seen by <i>two</i> witnesses")
    visit.page.keyboard.press("Control+Enter")
    visit.see(".st-key-keep_note button").click()
    visit.see(".rt-text:has-text('<i>two</i>')")
    assert verify_report(visit.report(tmp_path)).problems == ()


@pytest.mark.slow
def test_what_comes_after_somebody_else_closed_the_case_is_said_and_not_lost(
    visit: Visit, served: tuple[str, Path]
) -> None:
    number = f"T-{visit.page.evaluate('window.performance.now()'):.0f}"
    address = visit.page.url.split("?")[0]
    with Archive.open(served[1]) as archive:
        open_case(archive, local_person(), number, "")
        visit.page.goto(f"{address}cases?case={number}")
        visit.see("textarea").fill("seen by two witnesses")
        close_case(archive, local_person(), number)
        visit.page.keyboard.press("Control+Enter")
        visit.page.wait_for_timeout(1000)
        visit.see(".st-key-keep_note button").click()
        visit.see("[role=alert]:has-text('was closed on')")
        assert visit.see("textarea").input_value() == "seen by two witnesses"
        visit.page.goto(f"{address}?sighting=red-bridge&case={number}&ask=1")
        visit.answered()
        visit.see(".wall .cell").click()
        visit.page.keyboard.press("y")
        visit.see("[role=alert]:has-text('was closed on')")
        file = read_case(archive, local_person(), number)
    assert (file.notes, file.marks) == ((), ())
