"""Serve the scripts, styles and fonts of the pages from memory, and name to the browser all that the form needs."""

import gzip
import re
from functools import cached_property
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/static/"
FIELDS = (
    "BidiComponent",
    "Button",
    "DateInput",
    "FileUploader",
    "Html",
    "NumberInput",
    "PageLink",
    "Selectbox",
    "TextInput",
)
"""The parts that the form draws; Streamlit fetches each only when it is first drawn, one after the other."""

_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""")
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_PACKED = {".js", ".css", ".svg"}
_FOR_A_YEAR = "public, immutable, max-age=31536000"
"""Every name holds the hash of its file."""


class FrontEnd:
    """The files below `static` of Streamlit's folder: their names, and the page that begins to load them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bodies: dict[str, tuple[bytes, bytes | None]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the path of each file in an address, as in /static/js/index.js."""
        found = (self._folder / "static").rglob("*")
        return frozenset(f"/{path.relative_to(self._folder).as_posix()}" for path in found if path.is_file())

    def body(self, name: str) -> tuple[bytes, bytes | None]:
        """Return a file and the same packed, None where packing does not help; each is read once."""
        if name not in self._bodies:
            plain = (self._folder / name[1:]).read_bytes()
            packed = gzip.compress(plain, 6, mtime=0) if Path(name).suffix in _PACKED and len(plain) > 500 else None
            self._bodies[name] = (plain, packed)
        return self._bodies[name]

    @cached_property
    def shell(self) -> str:
        """Return the page that loads the front end: it says where the server is, and what will be needed."""
        html = (self._folder / "index.html").read_text(encoding="utf-8")
        where = "<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin }</script>"
        links = (f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in self._parts(html))
        html = html.replace("<head>", f"<head>{where}", 1)
        return html.replace("</head>", f"{''.join(links)}</head>", 1)

    def _parts(self, html: str) -> list[str]:
        """Return the scripts that the fields need and the page does not name yet."""
        scripts = {Path(name).name for name in self.names if name.endswith(".js")}
        left = [name for field in FIELDS for name in scripts if name.split(".")[0] == field]
        needed: set[str] = set()
        while left:
            name = left.pop()
            if name in scripts and name not in needed and name not in html:
                needed.add(name)
                left += _IMPORT.findall((self._folder / "static/js" / name).read_text(encoding="utf-8"))
        return sorted(needed)


class FrontEndFiles:
    """Middleware that answers for the files of the front end; Streamlit reads each anew, in pieces and threads."""

    def __init__(self, app: ASGIApp, front_end: FrontEnd) -> None:
        self._app, self._front_end = app, front_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain request for a known file, and pass every other one on."""
        answer = self._answer(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (answer or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        name = scope["path"]
        headers = Headers(scope=scope)
        if name not in self._front_end.names or _is_for_a_part(headers):
            return None
        plain, packed = self._front_end.body(name)
        sent = {"cache-control": _FOR_A_YEAR, "vary": "accept-encoding"}
        if packed is None or "gzip" not in headers.get("accept-encoding", ""):
            return Response(plain, headers=sent, media_type=_media_type(name))
        return Response(packed, headers=sent | {"content-encoding": "gzip"}, media_type=_media_type(name))


def _is_for_a_part(headers: Headers) -> bool:
    return any(name in headers for name in ("range", "if-none-match", "if-modified-since"))


def _media_type(name: str) -> str:
    return _TYPES.get(Path(name).suffix, "application/octet-stream")
