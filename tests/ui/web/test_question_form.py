"""A real browser fills the form of a question with what it cannot hold."""

from pathlib import Path

import pytest

from tests.ui.web.browsing import Visit


@pytest.mark.slow
def test_what_cannot_be_read_is_said_where_it_is_and_nothing_is_asked(visit: Visit, tmp_path: Path) -> None:
    visit.see(".rt-lead")
    for name, content in (("broken.jpg", b"not a picture"), ("report.pdf", b"%PDF-1.7")):
        file = tmp_path / name
        file.write_bytes(content)
        visit.page.set_input_files("input[type=file]", file)
        visit.see(f".rt-bad:has-text('{name} is not a picture')")
    visit.fill("clock", "half past ten")
    visit.see(".rt-bad:has-text('write it as 08:41:07')")
    assert visit.page.locator("[class*='st-key-clock-'] input").input_value() == "half past ten"
    visit.see(".st-key-find button")
    assert visit.page.locator(".st-key-find button").is_disabled()
    visit.fill("clock", "10:00")
    visit.pick("year", "1999")
    visit.see("text=Tue 4 May 1999, 10:00:00")
    assert "time=1999-05-04" in visit.page.url
