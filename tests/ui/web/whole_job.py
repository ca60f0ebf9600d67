"""The steps of an investigator's whole job in a real browser, from a photograph to a report that is whole."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from index.access import audit
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.web.browsing import Visit
from ui.report.verify import verify_report

VIENNA = ZoneInfo("Europe/Vienna")
NEAREST = """(boxes, [x, y]) => {
  const apart = ({ style: { left, top, width, height } }) => Math.hypot(
    (parseFloat(left) + parseFloat(width) / 2) / 100 - x, (parseFloat(top) + parseFloat(height) / 2) / 100 - y);
  return 1 + boxes.indexOf(boxes.toSorted((one, other) => apart(one) - apart(other))[0]);
}"""
"""Returns the number of the box whose middle is nearest."""


def ask_about(visit: Visit, camera: str, time: datetime, plate: str | None = None) -> None:
    """Say where and when, open a case, say why, and ask; the answer arrives in steps."""
    say_where_and_when(visit, camera, time)
    if plate is not None:
        visit.fill("plate", plate)
    open_the_case(visit)
    visit.find()
    visit.see(".cell")
    visit.answered()


def work_on(visit: Visit, archive: Path, folder: Path, colour: str) -> None:
    """Go on from an answer to the report, the coverage and the audit; nothing complains or asks another machine."""
    mark_and_go_on(visit)
    look_around(visit, colour)
    visit.see("[class*='st-key-link_cases'] a").click()
    visit.see(".rt-headline:has-text('1 confirmed')")
    report = visit.report(folder)
    for page, sign in (("coverage", ".rt-hours"), ("audit", ".rt-audit")):
        visit.see(f"[class*='st-key-link_{page}'] a").click()
        visit.see(sign)
    assert visit.complaints == []
    assert visit.hosts == {"127.0.0.1"}
    assert verify_report(report).problems == ()
    with Archive.open(archive) as opened:
        whys = {(entry.action, entry.case, entry.reason) for entry in audit.entries(opened, local_person())}
    assert {("search", "T-1", "theft"), ("open picture", "T-1", "theft")} <= whys


def drop(visit: Visit, photograph: Path) -> None:
    """Drop a whole photograph, in which vehicles are found."""
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", photograph)
    visit.see(".boxes-stage button[aria-pressed=true]")


def choose_another_and_come_back(visit: Visit) -> None:
    """Choose the second vehicle of a photograph, and come back to the first, whose plate is read."""
    visit.see(".boxes-stage button[aria-pressed=false]").click()
    visit.see(".boxes-stage button:nth-of-type(2)[aria-pressed=true]")
    visit.see(".boxes-stage button:nth-of-type(1)").click()
    visit.see(".boxes-stage button:nth-of-type(1)[aria-pressed=true]")


def choose_nearest(visit: Visit, x: float, y: float) -> None:
    """Choose the vehicle of a photograph whose middle is nearest to a place in it, given as shares of its sides."""
    number = visit.page.locator(".boxes-stage button").evaluate_all(NEAREST, [x, y])
    visit.see(f".boxes-stage button:nth-of-type({number})").click()
    visit.see(f".boxes-stage button:nth-of-type({number})[aria-pressed=true]")


def say_where_and_when(visit: Visit, camera: str, time: datetime) -> None:
    visit.choose("camera", camera)
    visit.pick("day", f"{time.astimezone(VIENNA):%d}")
    visit.fill("clock", f"{time.astimezone(VIENNA):%H:%M:%S}")
    visit.see(f".rt-note:has-text('{time.astimezone(VIENNA):%H:%M:%S} CEST')")


def open_the_case(visit: Visit) -> None:
    """Open a case from the bar, and say why."""
    visit.see(".st-key-case_popover button").click()
    visit.see("summary:has-text('Open a new case')").click()
    visit.fill("new_case_number", "T-1")
    visit.rests()
    visit.see(".st-key-open_case button").click()
    visit.page.wait_for_url(lambda url: "case=T-1" in url)
    visit.fill("reason", "theft")
    visit.page.wait_for_url(lambda url: "reason=theft" in url)
    visit.page.keyboard.press("Escape")


def mark_and_go_on(visit: Visit) -> None:
    visit.see(".cell").click()
    visit.see(".evidence")
    visit.see(".verdict.yes").click()
    visit.see(".cell .mark.yes")
    visit.answered()
    visit.see(".go").click()
    visit.see(".st-key-trail")
    visit.answered()
    assert "case=T-1" in visit.page.url
    assert visit.map_colours() > 5


def look_around(visit: Visit, colour: str) -> None:
    """Brush the strip, go back, reload, open a link, and browse by a colour."""
    hits = visit.see(".wall-count").inner_text()
    box = visit.see(".strip-canvas").bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] / 2)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] / 2, steps=3)
    visit.page.mouse.up()
    visit.page.wait_for_function("said => document.querySelector('.wall-count')?.innerText !== said", arg=hits)
    visit.page.go_back()
    visit.page.wait_for_url(lambda url: "pic=" in url)
    visit.page.reload()
    visit.answered()
    visit.see(".cell .mark.yes")
    visit.see("[class*='st-key-link_browse'] a").click()
    visit.choose("browse_colour", colour)
    visit.see("text=sightings pass")
    visit.see(".cell")
