"""Serve an archive and use its pages in a real browser: nothing else counts as the page working."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image as Pictures

RETRACE = [sys.executable, "-c", "from ui.cli.main import main; main()"]
SLOW_MS = int(os.environ.get("RETRACE_SLOW_MS", "90000"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy")
ASKED_OUTSIDE: list[bytes] = []
"""What the servers of these tests asked of other machines."""
HARMLESS = ("GL Driver Message", "luma.gl")
"""What a browser without a graphics card says to itself."""


CHOSEN = """([field, text]) => [...document.querySelectorAll(field)].some(
    one => one.innerText.includes(text) || [...one.querySelectorAll("input")].some(box => box.value.includes(text)))"""
"""Tells whether a list shows a text as what was chosen."""


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
        """Return an element once it is there; if it never comes, the failure tells what the page says instead."""
        from playwright.sync_api import TimeoutError as NeverError

        found = self.page.locator(selector).first
        try:
            found.wait_for(timeout=SLOW_MS)
        except NeverError as error:
            said = " ".join(self.page.locator("body").inner_text().split())[:1500]
            raise AssertionError(f"no {selector} at {self.page.url}, which says: {said}; {self.complaints}") from error
        return found

    def count(self, selector: str, number: int) -> None:
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_have_count(number, timeout=SLOW_MS)

    def choose(self, key: str, text: str) -> None:
        """Choose what a list has by this text; again if the page was drawn anew while it was typed."""
        for _ in range(3):
            self.rests()
            self.see(f"[class*='st-key-{key}'] input").click()
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(700)
            if self.page.evaluate(CHOSEN, [f"[class*='st-key-{key}']", text]):
                return
        raise AssertionError(f"{text} cannot be chosen from {key}")

    def fill(self, key: str, text: str) -> None:
        self.rests()
        self.see(f"[class*='st-key-{key}'] input").fill(text)
        self.page.keyboard.press("Enter")

    def pick(self, part: str, number: str) -> None:
        """Type a part of the day that is asked about: its year, month or day."""
        self.see(f"[class*='st-key-day-'] [role=spinbutton][data-type={part}]").click()
        self.page.keyboard.type(number)
        for _ in range(3):
            self.page.keyboard.press("Tab")

    def rests(self) -> None:
        """Wait until nothing is being drawn anew: what is typed into a field while it is replaced is lost."""
        self.page.wait_for_timeout(150)
        self.see("[data-test-script-state=notRunning]")

    def find(self) -> None:
        button = self.see(".st-key-find button:not([disabled])")
        button.click()

    def report(self, folder: Path) -> Path:
        """Make the report of the case that is shown, and return the file that the browser gets."""
        self.see(".st-key-make_report button").click()
        with self.page.expect_download() as download:
            self.see(".st-key-download button").click()
        kept = folder / "report.zip"
        download.value.save_as(kept)
        return kept

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


def serve(path: Path) -> Iterator[tuple[str, Path]]:
    command = [*RETRACE, "--archive", str(path), "serve", "--port", "0"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | dict.fromkeys(PROXIES, f"http://127.0.0.1:{outside()}")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://127.0.0.1:" in line, line + process.stderr.read()
        try:
            yield line.split()[4], path
        finally:
            process.send_signal(signal.SIGINT)
            ended = process.wait(timeout=60)
        assert ended == 0
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
