"""Hostile input: bombs, wrong types, markup, folders in names, long patterns, numbers at their ends: nothing breaks."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image as Pictures

from index.access.audit import entries
from index.access.cases import mark_sighting, open_case, write_note
from index.access.permissions import local_person
from index.store.archive import Archive
from index.upkeep.verify import verify
from tests.ui.conftest import make_archive, painted
from tests.ui.web.browsing import Visit, serve

FORGED = "forged-reason"
MARKUP = "<img src=x onerror=document.title='taken'>"


def png_of(width: int, height: int) -> bytes:
    """A PNG that says a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Pictures.fromarray(painted("red", seed=3)).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def marked_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A served archive whose case, title, note and mark hold markup."""
    with make_archive(tmp_path_factory.mktemp("hostile")) as archive:
        path = archive.path
        open_case(archive, local_person(), "K-9", MARKUP)
        write_note(archive, local_person(), "K-9", MARKUP)
        mark_sighting(archive, local_person(), "K-9", "red-mill", "yes")
    yield from serve(path)


@pytest.fixture
def hostile(browsing: Any, marked_up: tuple[str, Path]) -> Iterator[Visit]:
    visit = Visit(browsing.new_page())
    visit.page.goto(marked_up[0])
    visit.see(".rt-lead")
    yield visit
    visit.page.close()


FILES = {
    "bomb.png": png_of(60_000, 60_000),
    "wide.png": png_of(8_000_000, 1),
    "page.html": b"<script>document.title='taken'</script>",
    "renamed.jpg": b"MZ\x90\x00" + bytes(200),
    "truncated.jpg": picture("JPEG")[:300],
    "vector.svg": b"<svg xmlns='x' onload='document.title=1'/>",
    "tiny.png": png_of(1, 1),
    f"{MARKUP.replace('/', '')}.png": b"no picture",
}


@pytest.mark.slow
def test_files_that_are_no_pictures_are_refused_each_in_a_line(hostile: Visit) -> None:
    title = hostile.page.title()
    for name, data in FILES.items():
        dropped = {"name": name, "mimeType": "image/png", "buffer": data}
        hostile.page.set_input_files("input[type=file]", [dropped])
        said = hostile.see(f".rt-bad:has-text('{name.split('=')[0].lstrip('<')}')").inner_text()
        assert said.count("\n") == 0
        assert len(said) < 300
    assert "pic=" not in hostile.page.url
    assert hostile.page.title() == title
    hostile.page.set_input_files("input[type=file]", [{"name": "a.jpg", "mimeType": "", "buffer": picture("JPEG")}])
    hostile.see(".boxes-stage img")
    assert hostile.complaints == []


@pytest.mark.slow
def test_markup_in_titles_notes_and_searches_is_text(hostile: Visit) -> None:
    title, address = hostile.page.title(), hostile.page.url.split("?")[0]
    for path, sign in (
        ("cases?case=K-9", ".rt-text"),
        ("cases", ".rt-case"),
        ("audit", ".rt-audit"),
        (f"search?sighting=red-bridge&case=K-9&ask=1&reason={MARKUP}", ".cell"),
        (f"search?plate={MARKUP}&ask=1", "[data-testid=stAlert], .rt-headline"),
        (f"search?sighting={MARKUP}&ask=1", "[data-testid=stAlert], .rt-headline"),
        (f"search?trail=plate%253D{MARKUP}&colour=red&ask=1", "[data-testid=stAlert], .rt-headline"),
    ):
        hostile.page.goto(address + path)
        hostile.see(sign)
        assert hostile.page.locator("img[src='x']").count() == 0
        assert hostile.page.title() == title
    hostile.see(".st-key-search_text input").fill(MARKUP)
    hostile.page.keyboard.press("Enter")
    hostile.see(".rt-bad, .rt-headline, [data-testid=stAlert]")
    assert hostile.page.locator("img[src='x']").count() == 0


@pytest.mark.slow
def test_markdown_in_an_address_opens_no_picture(hostile: Visit, marked_up: tuple[str, Path]) -> None:
    """A label or error with a picture of this server in it would open that, for a reason of whoever made the link."""
    address, asked = hostile.page.url.split("?")[0], "&sighting=red-bridge&ask=1"
    picture = quote(f"![x](/archive/picture/blue-mill/0?reason={FORGED})")
    for query in (
        *(f"{name}={picture}{asked}" for name in ("pic", "time", "point", "type", "case")),
        f"sighting={picture}&ask=1",
        f"plate={picture}&ask=1",
        f"camera={picture}&colour=red&ask=1",
        f"colour=red&ask=1&trail=camera%253D{quote(picture)}%2526time%253D2026-05-04T08:00:00Z",
    ):
        hostile.page.goto(f"{address}?{query}")
        hostile.see(".rt-headline:not(:has-text('Searching')), [data-testid=stAlert]")
        hostile.page.wait_for_timeout(300)
        # The picture of the question may name the case in its address, as a value.
        assert hostile.page.locator(f"[data-testid=stApp] img[src*='?reason={FORGED}']").count() == 0, query
    with Archive.open(marked_up[1]) as archive:
        assert all(entry.reason != FORGED for entry in entries(archive, local_person()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "sign"),
    [
        (f"plate={'*' * 10_000}", "the address has plate"),
        (f"plate={'%5B' * 50}", "plate"),
        (f"plate={'*A' * 50}", "plate pattern"),
        ("minutes=0.1&colour=red", ".rt-headline"),
        ("minutes=10080&colour=red", ".rt-headline"),
        ("minutes=10081&colour=red", "the address has minutes"),
        ("radius=5000&point=54.0,6.0&colour=red&time=2026-05-04T08:00:00Z", ".rt-headline, [data-testid=stAlert]"),
        ("slack=3600&camera=bridge&time=2026-05-04T08:00:00Z&colour=red", ".rt-headline"),
        ("at=2199-12-31T23:59:59Z&sighting=red-bridge", ".rt-headline"),
        ("time=0001-01-01T00:00:00%2B23:59&colour=red", "the address has time"),
    ],
)
def test_patterns_and_numbers_at_their_ends_get_an_answer_or_a_line(hostile: Visit, query: str, sign: str) -> None:
    hostile.page.goto(f"{hostile.page.url.split('?')[0]}?{query}&ask=1")
    selector = sign if sign[0] in ".[" else f"[data-testid=stAlert]:has-text('{sign}')"
    said = hostile.see(selector).inner_text()
    assert "Traceback" not in said
    assert len(said) < 600
    hostile.see(".st-key-top_bar, button:has-text('New question')")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["picture/..%2F..%2Fcatalogue.sqlite/0", "frame/%2Fetc%2Fpasswd", "camera/..%2F.."])
def test_no_way_leads_out_of_the_archive(hostile: Visit, path: str) -> None:
    answer = hostile.page.request.get(f"{hostile.page.url.split('?')[0]}archive/{path}")
    assert answer.status in (400, 404)
    assert len(answer.text()) < 200


@pytest.mark.slow
def test_after_all_that_the_archive_is_whole(marked_up: tuple[str, Path]) -> None:
    with Archive.open(marked_up[1]) as archive:
        assert verify(archive) == []
