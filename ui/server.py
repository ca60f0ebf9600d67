"""Serve the page from one process to this machine only, with no content from elsewhere."""

import errno
import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import streamlit
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config as streamlit_config

from index.errors import ArchiveError
from ui.connections import PunctualHTTP, allow_connections
from ui.front_end import FrontEnd, FrontEndFiles
from ui.gate import KEY, LOCAL_HOSTS, Gate
from ui.media import ArchiveMedia
from ui.scratch import remove_abandoned
from ui.web.theme import streamlit_flags

PAGE = Path(__file__).with_name("web") / "app.py"
ARCHIVE_VARIABLE = "RETRACE_ARCHIVE"

PAGE_PATHS = ("browse", "cases", "coverage", "audit")
"""The pages that have a path of their own in the address; Search has none."""

SHUTDOWN_GRACE_S = 2
"""How long an open page may delay the end of the server."""

CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
    ]
)
"""The browser may load content from this server only, and refuses everything else."""


@dataclass(frozen=True, slots=True)
class PageAddress:
    """An address of this machine and a port; port 0 is any free one."""

    address: str = "127.0.0.1"
    port: int = 8501


class LocalContentOnly:
    """Middleware that adds the content policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its response."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = CONTENT_POLICY
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_guarded)


def listen(at: PageAddress) -> socket.socket:
    """Return a listening socket on an address that only this machine can reach."""
    if not is_loopback(at.address):
        raise ArchiveError(
            f"{at.address} is reached by other machines and the page has no sign-in yet: leave --address out, "
            f"and come from elsewhere by ssh -L {at.port}:127.0.0.1:{at.port} HOST"
        )
    family = socket.AF_INET6 if ":" in at.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((at.address, at.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ArchiveError(_why_not_listening(at, error)) from error
    return listener


def listen_on_any_port() -> socket.socket:
    """Return a listening socket on the default port, or on any free one if that is taken."""
    try:
        return listen(PageAddress())
    except ArchiveError:
        return listen(PageAddress(port=0))


def is_loopback(address: str) -> bool:
    """Return whether an address can be reached only from this machine."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def url_of(listener: socket.socket, key: str | None = None) -> str:
    """Return the URL of a listening socket, with the key that opens the page."""
    address, port = listener.getsockname()[:2]
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}" + (f"/?{KEY}={key}" if key else "")


def serve_page(archive: Path, listener: socket.socket, key: str) -> None:
    """Serve the page of an archive to those who have the key, until the process is asked to stop."""
    remove_abandoned()
    os.environ[ARCHIVE_VARIABLE] = str(archive.resolve())
    address, port = listener.getsockname()[:2]
    here = {"server.address": address, "server.port": port, "server.allowedHosts": sorted(LOCAL_HOSTS)}
    for flag, value in (streamlit_flags() | here).items():
        streamlit_config.set_option(flag, value)
    front_end = FrontEnd(Path(streamlit.__file__).parent / "static")
    routes = [*ArchiveMedia(archive.resolve()).routes(), Route("/search", _search), *_shells(front_end)]
    guards = [Middleware(LocalContentOnly), Middleware(Gate, key=key), Middleware(FrontEndFiles, front_end=front_end)]
    page = streamlit.App(PAGE, routes=routes, middleware=guards)
    allow_connections()
    options = uvicorn.Config(
        page,
        http=PunctualHTTP,
        log_level="error",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=SHUTDOWN_GRACE_S,
    )
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end.
        uvicorn.Server(options).run(sockets=[listener])


async def _search(request: Request) -> RedirectResponse:
    """Send a browser that asks for the search page by its name to where it is."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", 307)


def _shells(front_end: FrontEnd) -> list[Route]:
    """Return the routes of the pages: all are one shell, which asks for what its address names."""

    async def shell(request: Request) -> HTMLResponse:
        return HTMLResponse(front_end.shell, headers={"cache-control": "no-cache"})

    return [Route(path, shell) for path in ("/", *(f"/{name}" for name in PAGE_PATHS))]


def _why_not_listening(at: PageAddress, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {at.port} is in use: choose another with --port {at.port + 1}, or any free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {at.port} needs more rights: choose one above 1023, as in --port 8501"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{at.address!r} is not an address of this machine: use 127.0.0.1, or one that `ip address` lists"
    reason = error.strerror or str(error)
    return f"cannot serve on {at.address} port {at.port} ({reason}): choose another --address or --port"
