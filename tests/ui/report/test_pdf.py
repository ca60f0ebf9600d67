import re
import zlib

import numpy as np
import pytest

from reid.images import encode_jpeg
from reid.vehicle import Box
from ui.report.blocks import Block, ExhibitCard, Facts, Grid, Heading, MapSpot, ReportPicture, RouteMap, Text
from ui.report.html import html_document
from ui.report.pdf import pdf_document
from ui.report.pdf_text import REGULAR, face_of, markup

PICTURE = ReportPicture(
    "pictures/E1.jpg", encode_jpeg(np.full((90, 160, 3), 120, np.uint8)), 160, 90, "a picture", Box(10, 10, 50, 40)
)
HOSTILE = '<para><font size="900">&amp; </b></i> <img src="file:///etc/passwd"/> %s {} \\'


def blocks(text: str = "words", rows: int = 3) -> list[Block]:
    plan = RouteMap(100.0, 50.0, 10, (((0, 0), (90, 40)),), (((0, 0), (50, 20)),), (MapSpot(10, 10, text, "yes"),))
    return [
        Heading(text, 1),
        *(Text(text, kind) for kind in ("lead", "body", "small", "caution", "verbatim")),
        Heading("1 The sightings"),
        ExhibitCard("E1", "yes", text, text, (PICTURE, PICTURE), Facts(((text, text),)), (text,), "clips/E1.mp4"),
        Grid((text, "b"), tuple((text, str(row)) for row in range(rows)), (1, 2), frozenset({0})),
        Facts(((text, text),)),
        Facts(()),
        plan,
    ]


def pages(pdf: bytes) -> int:
    return max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))


def test_the_same_blocks_give_the_same_bytes() -> None:
    first = pdf_document("Case 1", blocks())
    assert first == pdf_document("Case 1", blocks())
    assert first.startswith(b"%PDF-")
    assert first != pdf_document("Case 2", blocks())


def test_its_typeface_is_in_the_file() -> None:
    assert b"/FontFile2" in pdf_document("Case 1", blocks())


def test_long_tables_go_on_over_pages() -> None:
    assert pages(pdf_document("Case 1", blocks(rows=400))) > 8


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HOSTILE, id="markup"),
        pytest.param("x" * 5000, id="one long word"),
        pytest.param("words and words " * 900, id="more than a page"),
        pytest.param("Жёлтая 白色卡车 \U0001f697 مرحبا", id="other scripts"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_text_is_set(text: str) -> None:
    assert pages(pdf_document(text, blocks(text))) >= 1
    assert "<img src=" not in html_document(text, blocks(text)).replace('<img src="data:', "")


def test_markup_shows_texts_as_they_are() -> None:
    assert markup("a < b & c") == "a &lt; b &amp; c"
    assert markup("\U0001f697") == "[U+1F697]"
    assert face_of("cam01", REGULAR) == REGULAR


def test_a_pdf_starts_no_action_and_loads_nothing() -> None:
    pdf = pdf_document(HOSTILE, blocks(HOSTILE))
    streams = [
        zlib.decompress(part, 15)
        for part in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)endstream", pdf, re.S)
        if part[:1] == b"x"
    ]
    for word in (b"/JavaScript", b"/Launch", b"/URI", b"/GoToR", b"/EmbeddedFile"):
        assert word not in pdf
        assert all(word not in stream for stream in streams)
