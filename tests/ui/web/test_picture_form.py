"""A real browser brings pictures to the page."""

import io

import pytest
from PIL import Image as Pictures

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
