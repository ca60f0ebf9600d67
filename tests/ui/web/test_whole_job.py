"""A real browser does an investigator's whole job on sixty cameras: from a photograph to a report that is whole."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from benchmarks.made_town import MadeTown, MadeTraffic, camera_id, fill, make_archive, make_traffic, plate_text, time_of
from index.access import audit
from index.access.permissions import local_person
from index.store.archive import Archive
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import vehicles_in_photograph
from reid.images import crop, decode_image, encode_jpeg
from tests.ui.conftest import painted
from tests.ui.web.browsing import Visit, serve
from ui.report.verify import verify_report

CAMERAS, SIGHTINGS = 60, 6_000
STREET = Path(__file__).with_name("street.jpg")
"""A rendered street with a car, whose plate reads NZ-196-Z, and a van."""
VIENNA = ZoneInfo("Europe/Vienna")

Town = tuple[str, Path, MadeTraffic, int]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A served town: its address, its archive, its traffic, and the vehicle that is the car of the street."""
    embedder = make_embedder("histogram")
    plan = MadeTown(CAMERAS)
    with make_archive(tmp_path_factory.mktemp("town"), plan) as archive:
        made = make_traffic(archive, plan, SIGHTINGS, seed=1)
        vehicle = read_twice(made)
        vectors = np.pad(made.vectors, ((0, 0), (0, embedder.dims - made.vectors.shape[1])))
        vectors[made.vehicle == vehicle] = embedder.embed([car()])[0]
        traffic = replace(made, vectors=vectors)
        picture = encode_jpeg(painted("red", seed=1))
        fill(archive, traffic, SIGHTINGS, picture_of=lambda _: picture, model=embedder.model_id)
        path = archive.path
    for address, _ in serve(path):
        yield address, path, traffic, vehicle


def read_twice(traffic: MadeTraffic) -> int:
    """Return the last vehicle whose plate was read at its first two passages, ten minutes apart at most."""
    for vehicle in traffic.vehicle[::-1]:
        rows = np.flatnonzero(traffic.vehicle == vehicle)[:2]
        if len(rows) == 2 and not np.any(rows % 3) and np.ptp(traffic.time_s[rows]) < 600:
            return int(vehicle)
    raise AssertionError("no plate was read twice")


def car() -> Any:
    """Return the car of the street as the page cuts it out."""
    street = decode_image(STREET.read_bytes(), STREET.name)
    box = vehicles_in_photograph(street)[0].box
    whole = replace(box, **{side: float(round(getattr(box, side))) for side in ("x", "y", "width", "height")})
    return crop(street, whole)


@pytest.mark.slow
def test_an_investigator_does_the_whole_job(browser: Any, town: Town, tmp_path: Path) -> None:
    address, path, traffic, vehicle = town
    rows = np.flatnonzero(traffic.vehicle == vehicle)
    with browser.new_context(timezone_id=VIENNA.key, locale="en") as context:
        visit = Visit(context.new_page())
        visit.page.goto(address)
        bring_the_photograph(visit)
        say_where_and_when(visit, camera_id(int(traffic.camera[rows[0]])), time_of(traffic, int(rows[0])))
        visit.fill("plate", plate_text(vehicle))
        open_the_case(visit)
        visit.find()
        visit.see(".rt-headline:has-text('Seen again')")
        visit.answered()
        mark_and_go_on(visit)
        look_around(visit, browser)
        visit.see("[class*='st-key-link_cases'] a").click()
        visit.see(".rt-headline:has-text('1 confirmed')")
        report = visit.report(tmp_path)
        for page, sign in (("coverage", ".rt-hours"), ("audit", ".rt-audit")):
            visit.see(f"[class*='st-key-link_{page}'] a").click()
            visit.see(sign)
        assert visit.complaints == []
        assert visit.hosts == {"127.0.0.1"}
    assert verify_report(report).problems == ()
    with Archive.open(path) as archive:
        whys = {(entry.action, entry.case, entry.reason) for entry in audit.entries(archive, local_person())}
    assert {("search", "T-1", "theft"), ("open picture", "T-1", "theft")} <= whys


def bring_the_photograph(visit: Visit) -> None:
    """Drop a whole photograph, choose another vehicle, and come back to the first, whose plate is read."""
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", STREET)
    visit.see(".boxes-stage button[aria-pressed=true]")
    visit.see(".boxes-stage button[aria-pressed=false]").click()
    visit.see(".boxes-stage button:nth-of-type(2)[aria-pressed=true]")
    visit.see(".boxes-stage button:nth-of-type(1)").click()
    visit.see(".boxes-stage button:nth-of-type(1)[aria-pressed=true]")
    visit.see(".rt-note:has-text('The plate reads NZ1')")


def say_where_and_when(visit: Visit, camera: str, time: datetime) -> None:
    visit.choose("camera", camera)
    visit.fill("clock", f"{time.astimezone(VIENNA):%H:%M:%S}")
    visit.see(f".rt-note:has-text('{time.astimezone(VIENNA):%H:%M:%S} CEST')")


def open_the_case(visit: Visit) -> None:
    """Open a case from the bar, and say why."""
    visit.see(".st-key-case_popover button").click()
    visit.see("summary:has-text('Open a new case')").click()
    visit.fill("new_case_number", "T-1")
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


def look_around(visit: Visit, browser: Any) -> None:
    """Brush the strip, go back, reload, open a link, and browse by a facet."""
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
    visit.choose("browse_colour", "red")
    visit.see("text=sightings pass")
    visit.see(".cell")
