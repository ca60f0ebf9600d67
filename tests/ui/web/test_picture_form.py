"""A real browser brings pictures to the page."""

import io
from pathlib import Path

import pytest
from PIL import Image as Pictures
from PIL.ExifTags import IFD, Base

from tests.ui.conftest import painted
from tests.ui.web.browsing import Visit


@pytest.mark.slow
def test_a_pasted_picture_is_taken_like_a_dropped_one(visit: Visit) -> None:
    file = io.BytesIO()
    Pictures.fromarray(painted("blue", seed=5)).save(file, "PNG")
    visit.see("[data-testid=stFileUploader]")
    visit.page.wait_for_function("document.querySelector('.st-key-paste') !== null")
    visit.page.wait_for_timeout(1000)
    visit.page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        list(file.getvalue()),
    )
    visit.see(".boxes-stage img")
    assert "pic=" in visit.page.url
    assert visit.complaints == []


@pytest.mark.slow
def test_a_photograph_offers_its_own_place_and_time(visit: Visit, tmp_path: Path) -> None:
    exif = Pictures.Exif()
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:05:04 10:00:08"})
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (48.0, 12.0, 0.0), 3: "E", 4: (16.0, 30.0, 0.0)})
    file = tmp_path / "phone.jpg"
    Pictures.fromarray(painted("red", seed=77)).save(file, exif=exif)
    visit.see(".rt-lead")
    visit.page.set_input_files("input[type=file]", file)
    visit.see(".rt-note:has-text('By the photograph itself: Mon 4 May 2026, 10:00:08')")
    assert "time=" not in visit.page.url
    visit.see("[class*='st-key-origin'] button").click()
    visit.page.wait_for_url(lambda url: "time=2026-05-04T08" in url and "point=48.2" in url)
