from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.ingest.registration import FootageJob, parse_start, read_manifest, register
from index.ingest.start_time import StartRule
from index.ingest.times import read_zone
from index.store.catalogue import clocks, footage
from index.store.catalogue.clocks import ClockOffset
from reid.images import encode_jpeg
from tests.index.search.straight_street import make


def test_an_empty_manifest_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\n")
    with pytest.raises(ArchiveError, match="names no footage"):
        read_manifest(path)


def test_start_auto_is_left_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\na.mp4,north,auto\n")
    assert read_manifest(path) == [FootageJob(tmp_path / "a.mp4", "north")]


def test_manifest_paths_are_relative_to_it_and_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\nday/a.mp4,north,2026-05-04T08:00:00+02:00\n")
    (job,) = read_manifest(path)
    assert (job.path, job.camera) == (tmp_path / "day" / "a.mp4", "north")
    assert job.start == datetime(2026, 5, 4, 6, tzinfo=UTC)
    for row, says in [
        ("a.mp4,,2026-05-04T08:00:00Z", "camera is empty"),
        ("a.mp4,north,2026-05-04T08:00:00", "zone"),
        ("a, b.mp4,north,2026-05-04T08:00:00Z", "more cells than the table has columns"),
    ]:
        path.write_text(f"path,camera,start\n{row}\n")
        with pytest.raises(ArchiveError, match=says) as caught:
            read_manifest(path)
        assert "line 2" in str(caught.value)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59Z"])
def test_a_start_in_a_year_of_no_footage_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError, match=r"here: '.*' is not a time of any footage"):
        parse_start(text, "here")


def test_a_manifest_may_say_the_weather(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("path,camera,start,weather\na.mp4,north,auto,rain\nb.mp4,north,auto,\n")
    assert [job.weather for job in read_manifest(path)] == ["rain", None]
    path.write_text("path,camera,start,weather\na.mp4,north,auto,hail\n")
    with pytest.raises(ArchiveError, match=r"line 2: weather 'hail' is unknown: write dry, rain, snow, fog"):
        read_manifest(path)


def test_pictures_over_the_hour_when_clocks_change_are_no_footage_whoever_tells_their_start(tmp_path: Path) -> None:
    """With a start that was told, those after the change were an hour early in autumn."""
    folder = tmp_path / "c1"
    folder.mkdir()
    for name in ("20261025_013000", "20261025_031000", "20261025_033000_DEPOT_CUT_EST"):
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(np.zeros((48, 64, 3), np.uint8)))
    start = datetime(2026, 10, 24, 23, 29, tzinfo=UTC)
    with make(tmp_path / "a", []) as archive:
        with pytest.raises(ArchiveError, match="clocks change in Europe/Vienna between 20261025_013000"):
            register(archive, FootageJob(folder, "c1", start, StartRule(read_zone("Europe/Vienna"))), chunk_s=60.0)
        told = FootageJob(folder, "c1", start, StartRule(read_zone("+02:00")))
        assert register(archive, told, chunk_s=60.0).footage.start == start


def test_a_kept_rate_goes_along_with_footage_that_was_removed_and_comes_back_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "c1"
    folder.mkdir()
    for name in ("20260504_080000Z", "20260504_080010Z"):
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(np.zeros((48, 64, 3), np.uint8)))
    with make(tmp_path / "a", []) as archive:
        film = register(archive, FootageJob(folder, "c1"), chunk_s=60.0).footage
        end, later = film.start + timedelta(seconds=film.duration_s), film.start + timedelta(hours=1)
        with archive.catalogue.writing() as connection:
            line = ClockOffset("c1", 0.0, -1.0, 1.0, film.start, end, clocks.PICTURE, film.start)
            clocks.insert_offset(connection, line.with_drift(-0.2, 0.01))
            footage.remove(connection, film.id, at=later)
        register(archive, FootageJob(folder, "c2", later), chunk_s=60.0)
        with archive.catalogue.reading() as connection:
            (kept,) = clocks.all_offsets(connection)
    assert (kept.camera, kept.valid_from, kept.at, kept.drift) == ("c2", later, later, -0.2)
