"""Lend the tests of the pages a served archive, a browser, and a visit of it in light and in dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from index.store.archive import Archive
from tests.ui.conftest import make_archive
from tests.ui.web.browsing import Visit, serve


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The page of a small archive, served as a person would: its address and its archive."""
    with make_archive(tmp_path_factory.mktemp("served")) as archive:
        path = archive.path
    yield from serve(path)


@pytest.fixture(scope="package")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with Archive.create(tmp_path_factory.mktemp("empty") / "archive") as archive:
        path = archive.path
    yield from serve(path)


@pytest.fixture(scope="module")
def browsing(browser: Any) -> Iterator[Any]:
    """What the pages of a module's visits share: a browser that has kept the scripts of the page."""
    with browser.new_context(timezone_id="Europe/Vienna", locale="en") as context:
        yield context


@pytest.fixture
def visit(request: pytest.FixtureRequest, browsing: Any, served: tuple[str, Path]) -> Iterator[Visit]:
    """A visit in the scheme that a test asks for, else in light or in dark by the test's name: half of them in each."""
    scheme = getattr(request, "param", ("light", "dark")[crc32(request.node.name.encode()) % 2])
    visit = Visit(browsing.new_page())
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.goto(served[0])
    yield visit
    visit.page.close()
