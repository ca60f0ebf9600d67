"""A real browser goes from page to page; who has not the address of the page gets nothing."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ui.web.browsing import ASKED_OUTSIDE, Visit


@pytest.mark.slow
@pytest.mark.parametrize("query", ["plate=" + "A" * 5000, "time=yesterday", "pic=../../etc/passwd", "minutes=1e999"])
def test_an_address_that_cannot_be_read_says_so_in_a_line(visit: Visit, query: str) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}?{query}&ask=1")
    said = visit.see("[data-testid=stAlert]:has-text('the address has')").inner_text()
    assert len(said) < 200
    visit.see("button:has-text('New question')").click()
    visit.see(".rt-lead")


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
