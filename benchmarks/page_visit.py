"""Serve an archive as a person would, and visit its pages with headless Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
RETRACE = [sys.executable, "-m", "ui.cli.main"]
SLOW_MS = 60_000
DESK = {"width": 1440, "height": 900}

PROBES = """
window.deep = (selector) => {
  const seek = (root) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const one of root.querySelectorAll('*')) {
      const inner = one.shadowRoot && seek(one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  return seek(document);
};
window.until = (ready) => new Promise((resolve) => {
  const began = performance.now();
  const look = () => (ready() ? resolve(performance.now() - began) : requestAnimationFrame(look));
  look();
});
window.rests = () => document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning';
"""
"""`deep` finds an element inside components, too; `until` waits, frame by frame; `rests` tells that nothing runs."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the pages: its address with the key, without it, and its process."""

    entrance: str
    process: int

    @property
    def address(self) -> str:
        """Return the address of the search page."""
        return self.entrance.partition("/?key=")[0]

    def memory_mb(self) -> float:
        """Return the memory that the process holds for itself, without mapped files."""
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024


@contextmanager
def served(archive: Path) -> Iterator[Server]:
    """Serve an archive on any free port."""
    command = [*RETRACE, "--archive", str(archive), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}) as one:
        assert one.stderr is not None
        line = next((line for line in one.stderr if "http://127.0.0.1:" in line), None)
        if line is None:
            raise RuntimeError(f"the page of {archive} is not served: ask `retrace serve` why")
        try:
            yield Server(line.split()[4], one.pid)
        finally:
            one.send_signal(signal.SIGINT)


@contextmanager
def bare_page() -> Iterator[Server]:
    """Serve a page of Streamlit with one button: the least that any page of it takes."""
    with TemporaryDirectory() as folder:
        app = Path(folder) / "bare.py"
        app.write_text("import streamlit as st\nst.button('Find')\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        flags = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
        command = [sys.executable, "-m", "streamlit", "run", str(app), *flags, "--server.address", "127.0.0.1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
            try:
                _wait_for(port)
                yield Server(f"http://127.0.0.1:{port}/?key=none", one.pid)
            finally:
                one.send_signal(signal.SIGINT)


@contextmanager
def chromium() -> Iterator[Any]:
    """Run headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("there is no chromium on the path: install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Any, server: Server, **options: Any) -> Iterator[Any]:
    """Visit the pages with an empty browser; yield its page, which has the probes and not gone anywhere yet."""
    settings = {"viewport": DESK, "timezone_id": "Europe/Vienna", "locale": "en"} | options
    with browser.new_context(**settings) as context:
        port = server.address.rsplit(":", 1)[1]
        key = server.entrance.partition("/?key=")[2]
        context.add_cookies([{"name": f"retrace-{port}", "value": key, "url": server.address}])
        context.add_init_script(PROBES)
        page = context.new_page()
        page.set_default_timeout(SLOW_MS)
        yield page


def _wait_for(port: int) -> None:
    """Wait until somebody listens on a port of this machine."""
    until = time.monotonic() + SLOW_MS / 1000
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nobody listens on port {port}")
