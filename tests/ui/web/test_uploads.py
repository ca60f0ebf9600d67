"""Pictures that visitors bring are kept by their hash; those that show nothing are refused."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from streamlit.testing.v1 import AppTest

from reid.errors import SeeingError
from reid.images import decode_image
from reid.vehicle import Box
from tests.ui.conftest import painted
from ui.web import uploads
from ui.web.picture_form import part_of
from ui.web.question import MOST_PICTURES, PicturePart


def png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Pictures.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_a_kept_picture_is_cut_to_its_box() -> None:
    image = painted("red", seed=1)
    sha256 = uploads.keep(png(image), "car.png")
    assert uploads.is_kept(sha256)
    assert np.array_equal(uploads.pixels(PicturePart(sha256)), image)
    assert np.array_equal(uploads.pixels(PicturePart(sha256, Box(10, 20, 60, 50))), image[20:70, 10:70])


@pytest.mark.parametrize(
    ("image", "why"),
    [
        pytest.param(np.zeros((1, 1, 3), np.uint8), "1 x 1 pixels, too small", id="one pixel"),
        pytest.param(np.full((30, 40, 3), 120, np.uint8), "a single colour", id="flat"),
    ],
)
def test_a_picture_that_shows_nothing_is_refused(image: np.ndarray, why: str) -> None:
    with pytest.raises(SeeingError, match=why):
        uploads.keep(png(image), "nothing.png")


def test_a_document_says_why_it_is_no_picture() -> None:
    with pytest.raises(SeeingError, match=r"report.pdf is not a picture: give JPEG"):
        uploads.keep(b"%PDF-1.7 ...", "report.pdf")


def test_a_flat_box_of_a_good_picture_is_refused() -> None:
    sha256 = uploads.keep(png(np.pad(painted("red", seed=2), ((0, 60), (0, 0), (0, 0)), constant_values=9)), "car.png")
    with pytest.raises(SeeingError, match="a single colour"):
        uploads.pixels(PicturePart(sha256, Box(0, 100, 128, 50)))


def test_the_oldest_pictures_are_forgotten_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    first = uploads.keep(png(painted("blue", seed=3)), "a.png")
    monkeypatch.setattr(uploads, "MOST_BYTES", 1)
    last = uploads.keep(png(painted("blue", seed=4)), "b.png")
    assert uploads.is_kept(last)
    assert not uploads.is_kept(first)
    with pytest.raises(SeeingError, match="drop it again"):
        uploads.pixels(PicturePart(first))


@pytest.fixture(autouse=True)
def main_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's tests put the page in the place of the main module, which processes started later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pictures that were decoded, in their order."""
    names: list[str] = []

    def counting(data: bytes, name: str) -> np.ndarray:
        names.append(name)
        return decode_image(data, name)

    monkeypatch.setattr(uploads, "decode_image", counting)
    return names


def page(folder: str) -> None:
    """Show a page with the pictures whose hashes lie in a folder, as each redraw does."""
    from datetime import UTC
    from pathlib import Path

    from ui.web.picture_form import ask_pictures, thumbnail
    from ui.web.question import PageQuestion, PicturePart

    parts = tuple(PicturePart(path.read_text()) for path in sorted(Path(folder).iterdir()))
    ask_pictures(PageQuestion(pictures=parts), UTC)
    for part in parts:
        assert thumbnail(part)


def test_each_uploaded_picture_is_decoded_once_however_often_the_page_is_redrawn(
    decoded: list[str], tmp_path: Path
) -> None:
    for number in range(MOST_PICTURES):
        data = png(painted("red", seed=100 + number))
        (tmp_path / str(number)).write_text(uploads.keep(data, f"{number}.png"))
        uploads.keep(data, f"{number}.png")
        part_of((tmp_path / str(number)).read_text())
    shown = AppTest.from_function(page, args=(str(tmp_path),), default_timeout=60)
    for _ in range(5):
        shown.run()
        assert not shown.exception
    assert decoded == [f"{number}.png" for number in range(MOST_PICTURES)]


def test_a_picture_too_large_to_keep_decoded_is_not_decoded_at_each_redraw_either(
    decoded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_DECODED_BYTES", 1)
    for number in range(2):
        (tmp_path / str(number)).write_text(uploads.keep(png(painted("blue", seed=200 + number)), f"{number}.png"))
    shown = AppTest.from_function(page, args=(str(tmp_path),), default_timeout=60)
    shown.run()
    first = len(decoded)
    for _ in range(5):
        shown.run()
    assert len(decoded) == first
    assert not shown.exception
