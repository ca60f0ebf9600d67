"""A real browser asks, opens, marks and goes on, as an investigator does."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pictures

from index.access import audit
from index.access.cases import open_case, read_case
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.conftest import painted
from tests.ui.web.browsing import SLOW_MS, Visit


@pytest.mark.slow
def test_a_picture_a_place_and_a_time_bring_hits_a_map_and_a_belief(
    visit: Visit, served: tuple[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "red.png"
    Pictures.fromarray(painted("red", seed=77)).save(file)
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", file)
    visit.see(".boxes-stage img")
    visit.choose("camera", "bridge")
    visit.fill("clock", "10:00:00")
    visit.see("text=10:00:00 CEST, UTC+02:00")
    visit.find()
    visit.see(".rt-headline:has-text('Seen again')")
    visit.answered()
    assert visit.see(".cell").get_attribute("data-camera") in ("harbour", "mill")
    first = visit.page.locator(".cell img").first
    visit.page.wait_for_function("image => image.naturalWidth > 0", arg=first.element_handle())
    assert "Mon 4 May" in visit.see(".cell time").inner_text()
    assert visit.map_colours() > 5
    assert visit.complaints == []
    assert visit.hosts == {"127.0.0.1"}
    with Archive.open(served[1]) as archive:
        actions = [entry.action for entry in audit.entries(archive, local_person())]
    assert "search" in actions
    assert "open picture" in actions


@pytest.mark.slow
def test_reload_back_and_a_link_show_the_same_question(visit: Visit, browser: Any) -> None:
    visit.search("red car")
    asked = visit.page.url
    visit.see(".cell")
    hits = visit.page.locator(".cell").count()
    visit.page.reload()
    visit.answered()
    visit.count(".cell", hits)
    visit.search("blue car")
    assert visit.page.url != asked
    visit.page.go_back()
    visit.see(".st-key-question_bar:has-text('red car')")
    assert visit.page.url == asked
    other = visit.page.context.new_page()
    other.goto(asked)
    other.locator(".st-key-question_bar:has-text('red car')").wait_for(timeout=SLOW_MS)
    other.close()
    assert visit.complaints == []


@pytest.mark.slow
def test_a_hit_is_opened_marked_and_gone_on_from_with_its_case_and_reach(
    visit: Visit, served: tuple[str, Path]
) -> None:
    number = f"K-{visit.page.evaluate('window.performance.now()'):.0f}"
    with Archive.open(served[1]) as archive:
        open_case(archive, local_person(), number, "a red car")
    visit.page.goto(
        f"{visit.page.url.split('?')[0]}?sighting=red-bridge&case={number}&reason=theft&direction=after&minutes=60&ask=1"
    )
    visit.answered()
    visit.see(".cell").click()
    visit.see(".evidence")
    visit.see(".verdict.yes").click()
    visit.see(".cell .mark.yes")
    visit.see(".pair .stage img")
    visit.see(".go").click()
    visit.see(".st-key-trail")
    visit.answered()
    for kept in (f"case={number}", "reason=theft", "direction=after", "minutes=60", "sighting=red-"):
        assert kept in visit.page.url
    visit.see(".st-key-trail button").click()
    visit.page.wait_for_url(lambda url: "sighting=red-bridge" in url)
    visit.answered()
    assert visit.complaints == []
    with Archive.open(served[1]) as archive:
        marks = read_case(archive, local_person(), number).marks
        whys = {(entry.action, entry.case, entry.reason) for entry in audit.entries(archive, local_person())}
    assert [mark.verdict for mark in marks] == ["yes"]
    assert ("search", number, "theft") in whys
    assert ("open picture", number, "theft") in whys


@pytest.mark.slow
def test_what_the_search_finds_is_announced_in_one_live_region(visit: Visit) -> None:
    visit.search("red car")
    region = visit.see(".board [role=status][aria-live=polite]")
    visit.page.wait_for_function("region => region.textContent.length > 0", arg=region.element_handle())
    region.evaluate(
        "region => { window.heard = []; new MutationObserver(() => window.heard.push(region.textContent))"
        ".observe(region, { childList: true, characterData: true, subtree: true }); }"
    )
    visit.search("white car")
    belief = visit.see(".rt-headline h2").inner_text()
    visit.page.wait_for_function("text => window.heard.at(-1)?.startsWith(text)", arg=belief)
    assert visit.page.evaluate("window.heard")[0].startswith("Searching")
    assert region.evaluate("region => region.isConnected")


@pytest.mark.slow
def test_the_keys_walk_through_the_hits(visit: Visit) -> None:
    visit.search("car")
    visit.see(".cell")
    visit.page.locator(".rt-headline").click()
    visit.page.keyboard.press("j")
    first = visit.see(".cell[aria-selected=true]").get_attribute("data-id")
    visit.page.keyboard.press("j")
    assert visit.see(".cell[aria-selected=true]").get_attribute("data-id") != first
    visit.page.keyboard.press("k")
    assert visit.see(".cell[aria-selected=true]").get_attribute("data-id") == first
    visit.page.keyboard.press("/")
    assert visit.page.evaluate("document.activeElement.closest('.st-key-search_text') !== null")
