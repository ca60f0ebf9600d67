"""Serve the page from one process, on a socket of ours, with nothing that leaves this machine."""

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
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config as streamlit_config

from index.errors import ArchiveError
from ui.web.theme import streamlit_flags

PAGE = Path(__file__).with_name("web") / "app.py"
ARCHIVE_VARIABLE = "RETRACE_ARCHIVE"

LAST_WORDS_S = 2
"""An open page does not keep the server from ending for longer than this."""
OWN_NAMES = ["localhost", "127.0.0.1", "::1"]
"""A browser that comes by another name was led here by somebody else's page (DNS rebinding)."""

CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
    ]
)
"""What the browser may load: only what comes from here. The browser itself refuses anything else."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the page is served: an address of this machine and a port, 0 for any that is free."""

    address: str = "127.0.0.1"
    port: int = 8501


class OnlyFromHere:
    """Middleware that tells every browser to load nothing from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = CONTENT_POLICY
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_guarded)


def open_door(door: Door) -> socket.socket:
    """Return the listening socket of a door that only this machine can reach."""
    if not is_loopback(door.address):
        raise ArchiveError(
            f"{door.address} is reached by other machines and the page has no sign-in yet: leave --address out, "
            f"and come from elsewhere by ssh -L {door.port}:127.0.0.1:{door.port} HOST"
        )
    family = socket.AF_INET6 if ":" in door.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((door.address, door.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ArchiveError(_why_shut(door, error)) from error
    return listener


def open_some_door() -> socket.socket:
    """Return a listening socket at the usual port, or at any free one where that is taken."""
    try:
        return open_door(Door())
    except ArchiveError:
        return open_door(Door(port=0))


def is_loopback(address: str) -> bool:
    """Return whether an address can be reached from this machine alone."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def url_of(listener: socket.socket) -> str:
    """Return what to open in a browser."""
    address, port = listener.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def serve_page(archive: Path, listener: socket.socket) -> None:
    """Serve the page of an archive on a listening socket until the process is asked to stop."""
    os.environ[ARCHIVE_VARIABLE] = str(archive.resolve())
    address, port = listener.getsockname()[:2]
    here = {"server.address": address, "server.port": port, "server.allowedHosts": OWN_NAMES}
    for flag, value in (streamlit_flags() | here).items():
        streamlit_config.set_option(flag, value)
    page = streamlit.App(PAGE, middleware=[Middleware(OnlyFromHere)])
    options = uvicorn.Config(
        page, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=LAST_WORDS_S
    )
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end.
        uvicorn.Server(options).run(sockets=[listener])


def _why_shut(door: Door, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {door.port} is in use: choose another with --port {door.port + 1}, or any free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {door.port} needs more rights: choose one above 1023, as in --port 8501"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{door.address!r} is not an address of this machine: use 127.0.0.1, or one that `ip address` lists"
    reason = error.strerror or str(error)
    return f"cannot serve on {door.address} port {door.port} ({reason}): choose another --address or --port"
