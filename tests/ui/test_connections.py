"""Connections that say nothing are closed, so that others of the same machine cannot keep a user from the page."""

import asyncio
import resource
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from ui import connections
from ui.connections import PunctualHTTP, allow_connections

ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def slow_page(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.6)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the page"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(slow_page, http=PunctualHTTP, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: "], ids=["nothing", "half a request"])
def test_a_connection_that_does_not_say_what_it_asks_for_is_closed(port: int, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
        silent.sendall(said)
        assert silent.recv(100) == b""


def test_what_was_asked_in_time_may_take_longer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
        asking.sendall(ASK)
        answer = b"".join(iter(lambda: asking.recv(1000), b""))
    assert b"the page" in answer


def test_half_a_second_request_holds_no_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
        asking.sendall(ASK.replace(b"Connection: close\r\n", b"") + b"GET / HTTP/1.1\r\nHost: ")
        answer = b"".join(iter(lambda: asking.recv(1000), b""))
    assert answer.count(b"the page") == 1


def test_as_many_connections_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        allow_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
