"""A real browser asks the page about a real archive: nothing else counts as the page working."""

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
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.conftest import unavailable
from tests.ui.conftest import make_archive, painted

RETRACE = [sys.executable, "-c", "from ui.cli.main import main; main()"]
SLOW_MS = 90_000
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

    def choose(self, key: str, text: str) -> None:
        self.see(f".st-key-{key} input").click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def fill(self, key: str, text: str) -> None:
        self.see(f".st-key-{key} input").fill(text)
        self.page.keyboard.press("Enter")

    def find(self) -> None:
        button = self.see(".st-key-find button:not([disabled])")
        button.click()

    def map_colours(self) -> int:
        """How many colours the map of the answer shows: a blank one has one."""
        chart = self.page.locator(".st-key-side [data-testid=stDeckGlJsonChart]")
        chart.wait_for(timeout=SLOW_MS)
        self.page.wait_for_timeout(2000)
        shot = chart.screenshot()
        return len(Pictures.open(io.BytesIO(shot)).convert("RGB").getcolors(1 << 24) or ())


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
        assert ASKED_OUTSIDE == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


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
def test_a_picture_a_place_and_a_time_bring_ranked_cards_and_a_map(
    visit: Visit, served: tuple[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "red.png"
    Pictures.fromarray(painted("red", seed=77)).save(file)
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", file)
    visit.see(".rt-cut img")
    visit.choose("camera", "bridge")
    visit.fill("day", "2026-05-04")
    visit.fill("clock", "10:00:00")
    visit.see("text=08:00:00 UTC")
    visit.find()
    visit.see(".rt-verdict:has-text('Most likely')")
    assert visit.see(".rt-card h3").inner_text() in ("harbour", "mill")
    first = visit.page.locator(".rt-card img").first
    assert first.evaluate("image => image.naturalWidth") > 0
    assert "CEST, UTC+02:00" in visit.page.locator(".rt-when").first.inner_text()
    assert visit.map_colours() > 5
    assert visit.complaints == []
    assert visit.hosts == {"127.0.0.1"}
    with Archive.open(served[1]) as archive:
        actions = [entry.action for entry in audit.entries(archive, local_person())]
    assert "search" in actions
    assert "open picture" in actions


@pytest.mark.slow
def test_a_sighting_of_the_archive_can_be_asked_about_and_gone_on_from(visit: Visit) -> None:
    visit.choose("camera", "mill")
    visit.fill("day", "2026-05-04")
    visit.fill("clock", "10:10:00")
    visit.page.get_by_text("A sighting here").click()
    visit.page.get_by_role("button", name="Ask", exact=True).first.click()
    visit.see("text=Choose another")
    visit.find()
    visit.see(".rt-question:has-text('mill')")
    visit.see(".rt-verdict:not(:has-text('Searching'))")
    visit.see("text=Go on from this one").click()
    visit.see(".rt-question:not(:has-text('mill'))")
    assert visit.complaints == []


@pytest.mark.slow
def test_what_cannot_be_read_is_said_and_nothing_is_asked(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "broken.jpg"
    file.write_bytes(b"not a picture")
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", file)
    visit.see("text=broken.jpg is not a picture")
    visit.fill("clock", "half past ten")
    visit.see("text=write it as 08:41:07")
    assert visit.page.locator(".st-key-find button").is_disabled()


@pytest.mark.slow
def test_an_empty_archive_says_how_to_fill_it(browser: Any, served_empty: tuple[str, Path]) -> None:
    with browser.new_context() as context:
        visit = Visit(context.new_page())
        visit.page.goto(served_empty[0])
        assert "three commands" in visit.see(".rt-lead").inner_text().lower()
        visit.see("code:has-text('retrace ingest')")
        assert visit.page.locator("code").count() == 3
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
