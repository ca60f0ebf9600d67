"""The page is served to this machine alone, and tells the browser to load nothing from elsewhere."""

import asyncio
import socket
from typing import Any

import pytest

from index.errors import ArchiveError
from ui.server import LocalContentOnly, PageAddress, is_loopback, listen, listen_on_any_port, url_of
from ui.web.theme import streamlit_flags


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_an_address_that_others_reach_is_refused(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(ArchiveError, match="no sign-in"):
        listen(PageAddress(address, 0))


def test_a_used_port_names_the_next_step() -> None:
    with listen(PageAddress(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ArchiveError, match=f"port {port} is in use.*--port"):
            listen(PageAddress(port=port))


def test_some_door_opens_even_where_the_usual_port_is_taken() -> None:
    with listen_on_any_port() as first, listen_on_any_port() as second:
        assert url_of(first) != url_of(second)
        with socket.create_connection(second.getsockname(), timeout=5):
            pass


def test_every_answer_forbids_loading_from_elsewhere() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(LocalContentOnly(app)({"type": "http"}, None, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]


def test_the_page_sends_no_statistics_and_offers_no_deployment() -> None:
    flags = streamlit_flags()
    assert flags["browser.gatherUsageStats"] is False
    assert flags["client.toolbarMode"] == "minimal"


def test_the_page_takes_no_messages_from_pages_of_others() -> None:
    assert streamlit_flags()["client.allowedOrigins"] == []
