"""A real browser fills an empty archive."""

from pathlib import Path
from typing import Any

import pytest

from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from roadgraph.imports import read_roads
from tests.ui.web.browsing import Visit, serve


@pytest.mark.slow
def test_an_empty_archive_says_how_to_fill_it(browser: Any, served_empty: tuple[str, Path]) -> None:
    with browser.new_context() as context:
        visit = Visit(context.new_page())
        visit.page.goto(served_empty[0])
        assert "nothing to search yet" in visit.see(".rt-lead").inner_text().lower()
        visit.see(f"code:has-text('retrace --archive {served_empty[1]} ingest')")
        visit.see("code >> nth=2")
        assert visit.page.locator("code").count() == 3
        assert visit.complaints == []


@pytest.mark.slow
def test_an_empty_archive_takes_roads_and_cameras_and_ticks_them(browser: Any, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        path = archive.path
    write_osm(make_town(1), tmp_path / "town.osm")
    lat, lon = read_roads(tmp_path / "town.osm").graph.position(0, 5.0)
    (tmp_path / "cameras.csv").write_text(f"id,lat,lon\nquay,{lat},{lon}\n", encoding="utf-8")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for address, _ in serve(path):
        with browser.new_context() as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            field = ".st-key-{} input[type=file]"
            visit.see(".st-key-cameras_file [data-testid=stFileUploaderDropzone]")
            visit.page.set_input_files(field.format("cameras_file"), tmp_path / "wrong.csv")
            assert "wrong.csv has no column 'id'" in visit.see(".st-key-first_steps [role=alert]").inner_text()
            visit.page.set_input_files(field.format("roads_file"), tmp_path / "town.osm")
            visit.see(".rt-step:has-text('✓ The roads')")
            visit.see(".rt-note:has-text('km of road')")
            visit.page.set_input_files(field.format("cameras_file"), tmp_path / "cameras.csv")
            visit.see(".rt-step:has-text('✓ Where the cameras')")
            visit.see("code:has-text('ingest harbour.mp4 --camera quay')")
            visit.count("code", 1)
            assert visit.complaints == []
