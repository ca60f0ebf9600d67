"""axe-core finds nothing serious on any page, in light and in dark, at a desk and on a phone."""

from typing import Any

import pytest

from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.web.browsing import Visit

SERIOUS = ("serious", "critical")
RESTING = """() => document.getAnimations().every((one) => one.effect.getComputedTiming().endTime === Infinity)"""
"""Tells whether nothing fades in any more: what does has other colours until then."""


def serious(page: Any) -> list[tuple[str, list[str]]]:
    """Return the rules that a page breaks seriously, each with the elements that break it."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(500)
    page.wait_for_function(RESTING)
    response = Axe().run(page).response
    assert len(response["passes"]) > 10
    found = [broken for broken in response["violations"] if broken["impact"] in SERIOUS]
    return [(broken["id"], [node["html"][:120] for node in broken["nodes"]]) for broken in found]


@pytest.mark.slow
@pytest.mark.parametrize(("visit", "width"), [("light", 1440), ("dark", 400)], indirect=["visit"])
def test_every_page_has_nothing_serious(visit: Visit, width: int, served: tuple[str, Any]) -> None:
    # Colours do not depend on the width: each is looked at once.
    visit.page.set_viewport_size({"width": width, "height": 900})
    number = f"A-{visit.page.evaluate('window.performance.now()'):.3f}"
    with Archive.open(served[1]) as archive:
        open_case(archive, local_person(), number, "a red car")
        mark_sighting(archive, local_person(), number, "red-mill", "yes")
    address = visit.page.url.split("?")[0]
    pages = {
        "search": ".st-key-find",
        "search?colour=red&ask=1": ".cell",
        "search?sighting=red-bridge&ask=1&open=red-mill": ".evidence",
        "search?time=yesterday": "[data-testid=stAlert]",
        "browse": ".cell",
        "cases": ".rt-lead",
        f"cases?case={number}": ".cell .mark.yes",
        "coverage": ".rt-hours",
        "audit": ".rt-audit",
    }
    for path, sign in pages.items():
        visit.page.goto(address + path)
        visit.see(sign).wait_for(state="attached")
        assert (path, serious(visit.page)) == (path, [])


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_steps_have_nothing_serious(browser: Any, served_empty: tuple[str, Any], scheme: str) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        visit = Visit(context.new_page())
        visit.page.goto(served_empty[0])
        visit.see(".rt-step")
        assert serious(visit.page) == []
