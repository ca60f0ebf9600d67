from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.intake.manifest import read_manifest
from index.intake.registration import FootageJob
from index.intake.start_time import StartRule, find_start
from index.intake.times import read_zone
from reid.file_names import name_before_time
from reid.timeline import Timeline, read_timeline

RULE = StartRule()


@pytest.fixture(scope="module")
def timeline(film_street: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return read_timeline(film_street(tmp_path_factory.mktemp("film") / "a.mp4", [], 0.5))


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("north_20260504_083000Z.mp4", 8),
        ("2026-05-04T08-30-00+0200.mkv", 6),
        ("cam3-2026.05.04_08.30.00-05:00.mp4", 13),
        ("20260504-083000.000Z-part2.ts", 8),
    ],
)
def test_a_name_with_a_zone_tells_the_start(timeline: Timeline, name: str, hour: int) -> None:
    assert find_start(Path(name), timeline, RULE).time == datetime(2026, 5, 4, hour, 30, tzinfo=UTC)


def test_the_recorders_time_is_used_where_the_name_says_none(timeline: Timeline) -> None:
    created = datetime(2026, 5, 4, 7, tzinfo=UTC)
    found = find_start(Path("clip.mp4"), replace(timeline, created=created), RULE)
    assert (found.time, found.source) == (created, "the recorder's creation time")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("20260504_083000.mp4", "no zone"),
        ("20261304_083000Z.mp4", "is not a time"),
        ("clip.mp4", "does not say when it starts"),
    ],
)
def test_a_start_is_never_guessed(timeline: Timeline, name: str, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        find_start(Path(name), timeline, RULE)


def test_a_zone_that_is_given_counts_for_names_without_one_only(timeline: Timeline) -> None:
    vienna = read_zone("Europe/Vienna")
    assert find_start(Path("20260504_103000.mp4"), timeline, StartRule(vienna)).time == datetime(
        2026, 5, 4, 8, 30, tzinfo=UTC
    )
    assert find_start(Path("20260504_103000Z.mp4"), timeline, StartRule(vienna)).time == datetime(
        2026, 5, 4, 10, 30, tzinfo=UTC
    )


def test_what_stands_before_the_time_names_the_camera() -> None:
    assert name_before_time(Path("north-gate_20260504_083000Z.mp4")) == "north-gate"
    assert name_before_time(Path("20260504_083000Z.mp4")) == name_before_time(Path("clip.mp4")) == ""


def test_an_empty_manifest_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\n")
    with pytest.raises(ArchiveError, match="names no footage"):
        read_manifest(path)


def test_an_automatic_start_is_left_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\na.mp4,north,auto\n")
    assert read_manifest(path) == [FootageJob(tmp_path / "a.mp4", "north")]


def test_a_manifest_names_files_beside_it_and_its_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\nday/a.mp4,north,2026-05-04T08:00:00+02:00\n")
    (job,) = read_manifest(path)
    assert (job.path, job.camera) == (tmp_path / "day" / "a.mp4", "north")
    assert job.start == datetime(2026, 5, 4, 6, tzinfo=UTC)
    for row, says in [("a.mp4,,2026-05-04T08:00:00Z", "camera is empty"), ("a.mp4,north,2026-05-04T08:00:00", "zone")]:
        path.write_text(f"path,camera,start\n{row}\n")
        with pytest.raises(ArchiveError, match=says) as caught:
            read_manifest(path)
        assert "line 2" in str(caught.value)
