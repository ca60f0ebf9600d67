"""A real browser uses the pages of a real archive: nothing else counts as the page working."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image as Pictures

from index.access import audit
from index.access.cases import mark_sighting, open_case, read_case
from index.access.permissions import local_person
from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from roadgraph.imports import read_roads
from tests.conftest import unavailable
from tests.ui.conftest import make_archive, painted
from ui.report.verify import verify_report

RETRACE = [sys.executable, "-c", "from ui.cli.main import main; main()"]
SLOW_MS = int(os.environ.get("RETRACE_SLOW_MS", "90000"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy")
ASKED_OUTSIDE: list[bytes] = []
"""What the servers of these tests asked of other machines."""
HARMLESS = ("GL Driver Message", "luma.gl")
"""What a browser without a graphics card says to itself."""


class Visit:
    """One visit: the page, what its console said, and every host that anything was asked of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.set_default_timeout(SLOW_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in HARMLESS):
            self.complaints.append(message.text)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.hostname or "")

    def see(self, selector: str) -> Any:
        found = self.page.locator(selector).first
        found.wait_for(timeout=SLOW_MS)
        return found

    def count(self, selector: str, number: int) -> None:
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_have_count(number, timeout=SLOW_MS)

    def choose(self, key: str, text: str) -> None:
        self.see(f"[class*='st-key-{key}'] input").click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def fill(self, key: str, text: str) -> None:
        self.see(f"[class*='st-key-{key}'] input").fill(text)
        self.page.keyboard.press("Enter")

    def pick_year(self, year: str) -> None:
        self.see("[class*='st-key-day-'] [role=spinbutton][data-type=year]").click()
        self.page.keyboard.type(year)
        for _ in range(3):
            self.page.keyboard.press("Tab")

    def find(self) -> None:
        button = self.see(".st-key-find button:not([disabled])")
        button.click()

    def map_colours(self) -> int:
        """How many colours the map of the answer shows: a blank one has one."""
        self.see(".map-canvas")
        self.page.wait_for_timeout(1000)
        shot = self.page.locator(".map-canvas").first.screenshot()
        return len(Pictures.open(io.BytesIO(shot)).convert("RGB").getcolors(1 << 24) or ())

    def answered(self) -> None:
        """Wait until the answer is complete."""
        self.see(".rt-headline:not(:has-text('Searching'))")
        self.see(".board:not(.busy)")

    def search(self, text: str) -> None:
        before = self.page.url
        self.see(".st-key-search_text input").fill(text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: url != before)
        self.answered()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The page of a small archive, served as a person would: its address and its archive."""
    with make_archive(tmp_path_factory.mktemp("served")) as archive:
        path = archive.path
    yield from serve(path)


@pytest.fixture(scope="module")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with Archive.create(tmp_path_factory.mktemp("empty") / "archive") as archive:
        path = archive.path
    yield from serve(path)


def serve(path: Path) -> Iterator[tuple[str, Path]]:
    command = [*RETRACE, "--archive", str(path), "serve", "--port", "0"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | dict.fromkeys(PROXIES, f"http://127.0.0.1:{outside()}")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://127.0.0.1:" in line, line + process.stderr.read()
        yield line.split()[4], path
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert ASKED_OUTSIDE == []


def outside() -> int:
    """Return the port of a proxy that notes what a server asks of other machines, and gives nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def note() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                ASKED_OUTSIDE.append(connection.recv(100))

    threading.Thread(target=note, daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        unavailable("browser", "there is no chromium on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(params=["light", "dark"])
def visit(request: pytest.FixtureRequest, browser: Any, served: tuple[str, Path]) -> Iterator[Visit]:
    with browser.new_context(color_scheme=request.param, timezone_id="Europe/Vienna", locale="en") as context:
        visit = Visit(context.new_page())
        visit.page.goto(served[0])
        yield visit


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
    hits = visit.page.locator(".cell").count()
    assert hits > 0
    visit.page.reload()
    visit.answered()
    assert visit.page.locator(".cell").count() == hits
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
def test_changing_the_question_changes_that_question_and_asks_again(visit: Visit) -> None:
    visit.search("red car")
    visit.see(".st-key-question_bar button:has-text('30 min')").click()
    visit.see("[data-testid=stPopoverBody] [class*=st-key-direction]")
    visit.choose("horizon", "60 min")
    visit.see(".st-key-question_bar button:has-text('1 h')")
    assert "colour=red" in visit.page.url
    assert "minutes=60" in visit.page.url
    visit.answered()


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


@pytest.mark.slow
def test_what_cannot_be_read_is_said_where_it_is_and_nothing_is_asked(visit: Visit, tmp_path: Path) -> None:
    visit.see(".rt-lead")
    for name, content in (("broken.jpg", b"not a picture"), ("report.pdf", b"%PDF-1.7")):
        file = tmp_path / name
        file.write_bytes(content)
        visit.page.set_input_files("input[type=file]", file)
        visit.see(f".rt-bad:has-text('{name} is not a picture')")
    visit.fill("clock", "half past ten")
    visit.see(".rt-bad:has-text('write it as 08:41:07')")
    assert visit.page.locator("[class*='st-key-clock-'] input").input_value() == "half past ten"
    visit.see(".st-key-find button")
    assert visit.page.locator(".st-key-find button").is_disabled()
    visit.fill("clock", "10:00")
    visit.pick_year("1999")
    visit.see("text=Tue 4 May 1999, 10:00:00")
    assert "time=1999-05-04" in visit.page.url


@pytest.mark.slow
@pytest.mark.parametrize("query", ["plate=" + "A" * 5000, "time=yesterday", "pic=../../etc/passwd", "minutes=1e999"])
def test_an_address_that_cannot_be_read_says_so_in_a_line(visit: Visit, query: str) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}?{query}&ask=1")
    said = visit.see("[data-testid=stAlert]:has-text('the address has')").inner_text()
    assert len(said) < 200
    visit.see("button:has-text('New question')").click()
    visit.see(".rt-lead")


@pytest.mark.slow
def test_an_empty_archive_says_how_to_fill_it(browser: Any, served_empty: tuple[str, Path]) -> None:
    with browser.new_context() as context:
        visit = Visit(context.new_page())
        visit.page.goto(served_empty[0])
        assert "nothing to search yet" in visit.see(".rt-lead").inner_text().lower()
        visit.see(f"code:has-text('retrace --archive {served_empty[1]} ingest')")
        assert visit.page.locator("code").count() == 3
        assert visit.complaints == []


@pytest.mark.slow
def test_an_empty_archive_takes_roads_and_cameras_and_ticks_them(browser: Any, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        path = archive.path
    write_osm(make_town(1), tmp_path / "town.osm")
    lat, lon = read_roads(tmp_path / "town.osm").graph.position(0, 5.0)
    (tmp_path / "cameras.csv").write_text(f"id,lat,lon\nquay,{lat},{lon}\n", encoding="utf-8")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for address, _ in serve(path):
        with browser.new_context() as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            field = ".st-key-{} input[type=file]"
            visit.see(".st-key-cameras_file [data-testid=stFileUploaderDropzone]")
            visit.page.set_input_files(field.format("cameras_file"), tmp_path / "wrong.csv")
            assert "wrong.csv has no column 'id'" in visit.see(".st-key-first_steps [role=alert]").inner_text()
            visit.page.set_input_files(field.format("roads_file"), tmp_path / "town.osm")
            visit.see(".rt-step:has-text('✓ The roads')")
            visit.see(".rt-note:has-text('km of road')")
            visit.page.set_input_files(field.format("cameras_file"), tmp_path / "cameras.csv")
            visit.see(".rt-step:has-text('✓ Where the cameras')")
            visit.see("code:has-text('ingest harbour.mp4 --camera quay')")
            visit.count("code", 1)
            assert visit.complaints == []


@pytest.mark.slow
def test_only_the_printed_address_opens_the_page(browser: Any, served: tuple[str, Path]) -> None:
    address, _, _ = served[0].partition("/?key=")
    with browser.new_context() as context:
        page = context.new_page()
        assert page.goto(address).status == 403
        assert "retrace serve" in page.content()
        assert page.goto(served[0]).status == 200
        assert page.url.rstrip("/") == address
        assert page.goto(address).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://evil.example", "null"])
def test_a_page_of_another_origin_gets_no_socket_and_makes_the_server_ask_nobody(
    served: tuple[str, Path], origin: str
) -> None:
    parts = urlsplit(served[0])
    request = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Cookie: retrace-{parts.port}={parts.query.removeprefix('key=')}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")
    assert ASKED_OUTSIDE == []


@pytest.mark.slow
def test_every_page_opens_from_the_bar_and_takes_the_question_along(visit: Visit) -> None:
    visit.search("red car")
    for page, sign in (
        ("browse", ".cell"),
        ("cases", ".rt-lead:has-text('Cases')"),
        ("coverage", ".rt-hours"),
        ("audit", ".rt-audit"),
        ("search", ".st-key-question_bar:has-text('red car')"),
    ):
        visit.see(f"[class*='st-key-link_{page}'] a").click()
        visit.see(sign)
        assert "colour=red" in visit.page.url
    assert visit.complaints == []


@pytest.mark.slow
def test_coverage_uses_its_width_and_a_camera_is_chosen_without_the_mouse(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}coverage")
    visit.see(".rt-hours")
    lane, table = visit.page.locator("td.rt-wide").first.bounding_box(), visit.see(".rt-hours").bounding_box()
    assert lane["width"] > 0.5 * table["width"]
    assert table["width"] > 0.9 * visit.page.viewport_size["width"]
    visit.choose("coverage-camera", "harbour")
    visit.see("[class*='st-key-clock_ahead-harbour'] input")
    assert visit.complaints == []


@pytest.mark.slow
def test_a_sighting_found_by_browsing_can_be_asked_about(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}browse")
    visit.see(".cell")
    visit.choose("browse_colour", "red")
    visit.see("text=3 sightings pass")
    # The number is there before the wall is drawn anew.
    visit.count(".cell", 3)
    visit.see(".cell").click()
    visit.see(".go").click()
    visit.see(".st-key-question_bar")
    visit.answered()
    assert "sighting=red-" in visit.page.url


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
    visit.see(".st-key-make_report button").click()
    with visit.page.expect_download() as download:
        visit.see(".st-key-download button").click()
    report = tmp_path / "report.zip"
    download.value.save_as(report)
    assert verify_report(report).problems == ()


@pytest.mark.slow
def test_a_pasted_picture_is_taken_like_a_dropped_one(visit: Visit) -> None:
    file = io.BytesIO()
    Pictures.fromarray(painted("blue", seed=5)).save(file, "PNG")
    visit.see("[data-testid=stFileUploader]")
    visit.page.wait_for_function("document.querySelector('.st-key-paste') !== null")
    visit.page.wait_for_timeout(1000)
    visit.page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        list(file.getvalue()),
    )
    visit.see(".boxes-stage img")
    assert "pic=" in visit.page.url
    assert visit.complaints == []
