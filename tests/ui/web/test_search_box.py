"""The one search box understands plates, types, colours and cameras."""

import pytest

from ui.web import search_box
from ui.web.language import catalogue
from ui.web.question import PageQuestion
from ui.web.search_box import read_search

CAMERAS = ("cam04", "Mill Lane")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XLP?X57", {"plate": "XLP?X57", "asked": True}),
        ("white truck cam04", {"colour": "white", "type": "truck", "camera": "cam04", "asked": True}),
        ("Gray lorry", {"colour": "grey", "type": "truck", "asked": True}),
        ("red car contains 77", {"colour": "red", "type": "car", "plate": "contains 77", "asked": True}),
        ("A 123 BC", {"plate": "A123BC", "asked": True}),
        ("a red car at cam04", {"colour": "red", "type": "car", "camera": "cam04", "asked": True}),
        ("CAM04", {"camera": "cam04", "asked": False}),
    ],
)
def test_words_become_a_question(text: str, expected: dict[str, object]) -> None:
    before = PageQuestion(plate="OLD", case="K-7", reason="theft", asked=True)
    assert read_search(text, before, CAMERAS) == PageQuestion(case="K-7", reason="theft", **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["白色卡车 cam04", "摄像头 cam04 卡车 白色", "white 卡车 CAM04"])
def test_types_and_colours_are_understood_in_the_language_of_the_visit(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_box, "say", lambda word: catalogue("zh").get(word, word))
    found = read_search(text, PageQuestion(), (*CAMERAS, "白色桥"))
    assert found == PageQuestion(colour="white", type="truck", camera="cam04", asked=True)
    assert read_search("白色桥", PageQuestion(), ("白色桥",)).camera == "白色桥"


@pytest.mark.parametrize("text", ["[[", "the", "[AB"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        read_search(text, PageQuestion(), CAMERAS)
