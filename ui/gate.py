"""Let only those use the page who have the address that this start of the server printed.

A page of another site, a program of another port, and another user of this machine can all reach a server of this
machine. So each start makes a key; a browser that comes with it gets a cookie and is sent on without it. A request for
another host, or one that a page of another origin makes, is refused before Streamlit looks at it.
"""

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

KEY = "key"
"""The parameter of the address that carries the key."""

COOKIE = "retrace-{port}"
"""Browsers send a cookie to every port of a host: pages of two archives on two ports have each their own."""

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""A request for any other host comes from a page that had its own name point here (DNS rebinding)."""

MEDIA = "/archive/"
"""What lies below it is part of a page, and opening it is written into the audit."""

OF_THE_USER = frozenset({"ask", "reason", "case"})
"""What a page of another origin cannot say when it leads here: what a search and a picture are written down for.

Not even at the page of a case: that case would stay chosen, and all that the user does next be written down for it.
"""

_CHANGES_NOTHING = {"GET", "HEAD", "OPTIONS"}

_CLOSED = "This page belongs to whoever started it: open the address that `retrace serve` printed.\n"


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(24)


class Gate:
    """Middleware that refuses whoever has neither the key nor the cookie that it is exchanged for."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._answer(scope, headers)
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Closed before it is accepted: the server answers 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that is not passed on, None to one that is."""
        if not _is_local(headers.get("host", "")):
            return _refused("This server answers for this machine only.\n", 400)
        if not _is_same_origin(scope, headers) or not _is_asked_for_here(scope, headers):
            return _refused("This request came from a page of another origin.\n", 403)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if self._is_key(_cookie(scope, headers)):
            left = [(name, value) for name, value in query if name not in OF_THE_USER]
            return None if left == query or _is_own(headers) else RedirectResponse(_target(scope, left), 303)
        if scope["type"] == "http" and any(name == KEY and self._is_key(value) for name, value in query):
            return self._admitted(scope, [(name, value) for name, value in query if name != KEY])
        return _refused(_CLOSED, 403)

    def _admitted(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """Return the cookie, and send the browser on to the address without the key."""
        answer = RedirectResponse(_target(scope, query), 303, {"cache-control": "no-store"})
        answer.set_cookie(_cookie_name(scope), self._key, httponly=True, samesite="lax")
        return answer

    def _is_key(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._key.encode())


def _refused(line: str, status: int) -> Response:
    """Return an answer after which the connection is closed: a stranger who asks again and again would hold it."""
    return PlainTextResponse(line, status, {"connection": "close"})


def _is_local(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in LOCAL_HOSTS
    except ValueError:
        return False


def _is_same_origin(scope: Scope, headers: Headers) -> bool:
    """Tell whether the page that makes a request is this one; what changes nothing needs no origin."""
    origin = headers.get("origin")
    if origin is None:
        return scope["type"] == "http" and scope["method"] in _CHANGES_NOTHING
    # The port counts, too: another server of this machine is another origin.
    return origin in (f"http://{headers['host']}", f"https://{headers['host']}")


def _is_asked_for_here(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser says that this page, or its user, asks; another page may only lead to one of ours.

    A page of another port of this machine is of the same site, so that the cookie comes with what it embeds: it could
    not see the picture, but the audit would say that the user opened it.
    """
    return _is_own(headers) or (headers.get("sec-fetch-mode") == "navigate" and not scope["path"].startswith(MEDIA))


def _is_own(headers: Headers) -> bool:
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _target(scope: Scope, query: list[tuple[str, str]]) -> str:
    """Return an address of this server with another query."""
    return f"/{scope['path'].lstrip('/')}" + (f"?{urlencode(query)}" if query else "")


def _cookie_name(scope: Scope) -> str:
    return COOKIE.format(port=scope["server"][1])


def _cookie(scope: Scope, headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(_cookie_name(scope))
    except CookieError:
        return ""
    return "" if found is None else found.value
