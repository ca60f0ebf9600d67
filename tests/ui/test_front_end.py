"""Scripts and styles come from memory, packed, for a year; the page names at once what its form needs."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
import streamlit

from ui.front_end import FIELDS, FrontEnd, FrontEndFiles

SCRIPT = "export const many = 1;" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = tmp_path / "static" / "js"
    scripts.mkdir(parents=True)
    (tmp_path / "index.html").write_text("<html><head><link href='./static/js/known.1.js'></head></html>")
    (scripts / "known.1.js").write_text("")
    (scripts / "TextInput.2.js").write_text('import{a}from"./deep.3.js";import"./known.1.js";')
    (scripts / "deep.3.js").write_text(SCRIPT)
    (scripts / "Other.4.js").write_text("")
    return tmp_path


def ask(app: FrontEndFiles, path: str, *, method: str = "GET", **headers: str) -> tuple[dict[str, str], bytes] | None:
    """Return the headers and the body of an answer, None where the request was passed on."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named}
    asyncio.run(app(scope, None, send))  # type: ignore[arg-type]
    if not sent:
        return None
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1]["body"]


@pytest.fixture
def app(folder: Path) -> FrontEndFiles:
    async def passed_on(scope: Any, receive: Any, send: Any) -> None:
        pass

    return FrontEndFiles(passed_on, FrontEnd(folder))


def test_a_file_is_sent_packed_to_those_who_take_it(app: FrontEndFiles) -> None:
    answer = ask(app, "/static/js/deep.3.js", accept_encoding="gzip, br")
    assert answer is not None
    headers, body = answer
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert gzip.decompress(body).decode() == SCRIPT
    plain = ask(app, "/static/js/deep.3.js")
    assert plain is not None
    assert "content-encoding" not in plain[0]
    assert plain[1].decode() == SCRIPT


@pytest.mark.parametrize("path", ["/static/../index.html", "/index.html", "/static/js/none.js", "/static/js/", "/"])
def test_no_other_path_leads_to_a_file(app: FrontEndFiles, path: str) -> None:
    assert ask(app, path) is None


def test_parts_of_files_and_other_methods_are_left_to_streamlit(app: FrontEndFiles) -> None:
    assert ask(app, "/static/js/deep.3.js", range="bytes=0-9") is None
    assert ask(app, "/static/js/deep.3.js", method="HEAD") is None


def test_the_page_names_what_its_fields_need_and_nothing_twice(folder: Path) -> None:
    shell = FrontEnd(folder).shell
    assert [shell.count(name) for name in ("known.1.js", "TextInput.2.js", "deep.3.js", "Other.4.js")] == [1, 1, 1, 0]
    assert "BACKEND_BASE_URL" in shell


def test_streamlit_has_every_part_of_the_form() -> None:
    shell = FrontEnd(Path(streamlit.__file__).parent / "static").shell
    assert [field for field in FIELDS if f"/{field}." not in shell] == []
