"""Only a browser that came with the key of this start, from this page, reaches the page."""

import asyncio
from typing import Any

import pytest

from ui.gate import Gate, new_key

KEY = "k" * 32
COOKIE = (b"cookie", f"retrace-8501={KEY}".encode())
HOST = (b"host", b"127.0.0.1:8501")


def ask(
    *headers: tuple[bytes, bytes], kind: str = "http", method: str = "GET", path: str = "/", query: str = ""
) -> list[dict[str, Any]]:
    """Return what is sent in answer; the page itself sends "page"."""
    sent: list[dict[str, Any]] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "page"})

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": list(headers),
        "server": ("127.0.0.1", 8501),
    }
    asyncio.run(Gate(page, KEY)(scope, None, send))  # type: ignore[arg-type]
    return sent


def status(sent: list[dict[str, Any]]) -> object:
    return sent[0].get("status", sent[0]["type"])


def test_the_key_is_exchanged_for_a_cookie_and_leaves_the_address() -> None:
    (start, _) = ask(HOST, path="/", query=f"key={KEY}&plate=KR%201")
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], headers["location"]) == (303, "/?plate=KR+1")
    assert "HttpOnly" in headers["set-cookie"]
    assert "samesite=lax" in headers["set-cookie"].lower()
    assert status(ask(HOST, COOKIE)) == "page"


NAVIGATES = (b"sec-fetch-mode", b"navigate")


@pytest.mark.parametrize("site", [b"cross-site", b"same-site"])
def test_a_page_of_another_origin_leads_to_a_question_but_asks_none(site: bytes) -> None:
    """The user would be in the audit with a search for a reason that another page made up."""
    query = "plate=KR%201&ask=1&reason=I+follow+her&case=7"
    (start, _) = ask(HOST, COOKIE, (b"sec-fetch-site", site), NAVIGATES, query=query)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], headers["location"]) == (303, "/?plate=KR+1")
    led = ask(HOST, COOKIE, (b"sec-fetch-site", site), NAVIGATES, query="plate=KR+1")
    assert status(led) == "page"


def test_a_page_of_another_origin_chooses_no_case() -> None:
    """Each picture that a list shows would be in the audit as opened for that case, and the next search, too."""
    foreign = (HOST, COOKIE, (b"sec-fetch-site", b"cross-site"), NAVIGATES)
    for path in ("/cases", "/browse", "/", "/cases/", "//cases", "/Cases"):
        (start, _) = ask(*foreign, path=path, query="case=7")
        assert start["status"] == 303
        assert b"?" not in dict(start["headers"])[b"location"]


@pytest.mark.parametrize("site", [b"same-origin", b"none"])
def test_a_link_of_the_page_or_one_that_the_user_pasted_asks(site: bytes) -> None:
    sent = ask(HOST, COOKIE, (b"sec-fetch-site", site), NAVIGATES, query="plate=KR%201&ask=1&reason=theft")
    assert status(sent) == "page"


def test_the_answer_to_the_key_leads_to_this_server_only() -> None:
    (start, _) = ask(HOST, path="//evil.example/x", query=f"key={KEY}")
    assert dict(start["headers"])[b"location"] == b"/evil.example/x"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        pytest.param([HOST], "", id="another user of this machine"),
        pytest.param([HOST], "key=guess", id="a wrong key"),
        pytest.param([HOST, (b"cookie", b"retrace-8501=guess")], "", id="a wrong cookie"),
        pytest.param([HOST, (b"cookie", f"retrace-8600={KEY}".encode())], "", id="the cookie of another port"),
        pytest.param([HOST, (b"cookie", b"retrace-8501=\xff\xfe;;=")], "", id="a broken cookie"),
    ],
)
def test_without_the_key_nothing_is_seen(headers: list[tuple[bytes, bytes]], query: str) -> None:
    assert status(ask(*headers, query=query)) == 403


@pytest.mark.parametrize(
    "headers", [(HOST,), ((b"host", b"evil.example"),), (HOST, COOKIE, (b"origin", b"http://evil.example"))]
)
def test_a_stranger_who_is_refused_holds_no_connection(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Asking again every few seconds, or never reading the answers, would keep thousands of them open."""
    assert dict(ask(*headers)[0]["headers"])[b"connection"] == b"close"


@pytest.mark.parametrize("host", [b"evil.example:8501", b"127.0.0.1.evil.example", b"192.168.1.7", b"", b"[::1"])
def test_another_host_is_refused_even_with_the_cookie(host: bytes) -> None:
    assert status(ask((b"host", host), COOKIE)) == 400


@pytest.mark.parametrize("host", [b"localhost:8501", b"127.0.0.1:9000", b"[::1]:8501", b"localhost"])
def test_the_names_of_this_machine_are_answered(host: bytes) -> None:
    assert status(ask((b"host", host), COOKIE)) == "page"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param(b"http://127.0.0.1:8501", "page", id="this page"),
        pytest.param(b"http://127.0.0.1:3000", "websocket.close", id="another server of this machine"),
        pytest.param(b"http://localhost:8501", "websocket.close", id="another name of this machine"),
        pytest.param(b"https://evil.example", "websocket.close", id="another site"),
        pytest.param(b"null", "websocket.close", id="a file"),
        pytest.param(None, "websocket.close", id="a program"),
    ],
)
def test_a_socket_opens_from_this_page_only(origin: bytes | None, expected: str) -> None:
    headers = [HOST, COOKIE] + ([(b"origin", origin)] if origin is not None else [])
    assert status(ask(*headers, kind="websocket")) == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_changes_something_comes_from_this_page(method: str) -> None:
    assert status(ask(HOST, COOKIE, method=method)) == 403
    assert status(ask(HOST, COOKIE, (b"origin", b"http://localhost:3000"), method=method)) == 403
    assert status(ask(HOST, COOKIE, (b"origin", b"http://127.0.0.1:8501"), method=method)) == "page"


def test_each_start_has_its_own_key() -> None:
    assert len({new_key() for _ in range(100)}) == 100


@pytest.mark.parametrize("site", [b"cross-site", b"same-site"])
def test_what_another_page_embeds_is_not_opened_in_the_name_of_the_user(site: bytes) -> None:
    """A page of another port is of the same site: the cookie comes with the pictures that it embeds."""
    embedded = (HOST, COOKIE, (b"sec-fetch-site", site), (b"sec-fetch-mode", b"no-cors"))
    followed = (HOST, COOKIE, (b"sec-fetch-site", site), (b"sec-fetch-mode", b"navigate"))
    assert status(ask(*embedded, path="/archive/picture/x/0")) == 403
    assert status(ask(*embedded, path="/")) == 403
    assert status(ask(*followed, path="/archive/picture/x/0")) == 403
    assert status(ask(*followed, path="/cases")) == "page"
    assert status(ask(HOST, COOKIE, (b"sec-fetch-site", b"same-origin"), path="/archive/picture/x/0")) == "page"
