"""Pictures that visitors bring are kept by their hash; those that show nothing are refused."""

import io

import numpy as np
import pytest
from PIL import Image as Pictures

from reid.errors import SeeingError
from reid.vehicle import Box
from tests.ui.conftest import painted
from ui.web import uploads
from ui.web.question import PicturePart


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
    uploads.whole_picture.cache_clear()
    last = uploads.keep(png(painted("blue", seed=4)), "b.png")
    assert uploads.is_kept(last)
    assert not uploads.is_kept(first)
    with pytest.raises(SeeingError, match="drop it again"):
        uploads.pixels(PicturePart(first))
