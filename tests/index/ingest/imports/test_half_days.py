from collections.abc import Mapping
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.ingest.imports.external_sighting import ExternalSightings
from index.ingest.imports.plate_log import PlateLogOptions, read_plate_log
from index.ingest.times import TimeReader, read_zone


def read(
    folder: Path, text: str, layout: str | None = None, columns: Mapping[str, str] | None = None
) -> ExternalSightings:
    path = folder / "reads.csv"
    path.write_text(text, encoding="utf-8")
    return read_plate_log(path, PlateLogOptions(columns or {}, TimeReader(read_zone("Z"), layout)))


def hours(found: ExternalSightings) -> list[int]:
    return [row.time.hour for row in found.sightings if row.time]


@pytest.mark.parametrize(
    ("header", "morning", "afternoon"),
    [
        ("AM/PM", "AM", "PM"),
        ("ampm", "A", "p"),
        ("", "a.m.", "p. m."),
        ("上午/下午", "上午", "下午"),
        ("Period", "오전", "오후"),
    ],
)
def test_a_half_of_the_day_in_a_column_of_its_own_is_read(
    tmp_path: Path, header: str, morning: str, afternoon: str
) -> None:
    """The afternoon was twelve hours early, without a word."""
    found = read(
        tmp_path,
        f"date,time,{header},camera,plate\n2026-05-04,08:30:00,{afternoon},north,KR1\n"
        f"2026-05-04,08:30:00,{morning},north,KR2\n2026-05-04,12:00:00,{morning},north,KR3\n"
        f"2026-05-04,12:00:00,{afternoon},north,KR4\n2026-05-04,09:00:00,,north,KR5\n",
    )
    assert hours(found) == [20, 8, 0, 12]
    assert "line 6: the half of the day is '': write AM or PM" in found.problems[0]
    assert f"half={header}" in found.guesses[0]


@pytest.mark.parametrize("layout", ["%d.%m.%Y %I:%M", "%d.%m.%Y %H:%M"])
def test_a_layout_may_leave_the_half_to_its_column(tmp_path: Path, layout: str) -> None:
    table = "time,ampm,camera,plate\n04.05.2026 08:30,PM,north,KR1\n"
    assert hours(read(tmp_path, table, layout)) == [20]


def test_a_layout_that_reads_the_half_needs_no_column_of_it(tmp_path: Path) -> None:
    table = "time,ampm,camera,plate\n04.05.2026 08:30 PM,AM,north,KR1\n"
    assert hours(read(tmp_path, table, "%d.%m.%Y %I:%M %p")) == [20]


def test_hours_up_to_24_need_no_half_and_one_that_says_otherwise_is_refused(tmp_path: Path) -> None:
    table = "time,AM/PM,camera,plate\n2026-05-04 14:30,PM,north,KR1\n2026-05-04 08:30,AM,north,KR2\n"
    assert hours(read(tmp_path, table)) == [14, 8]
    found = read(tmp_path, f"{table}2026-05-04 09:30,PM,north,KR3\n")
    assert hours(found) == [14, 8]
    assert "hour 9 and 'PM' contradict each other" in found.problems[0]


def test_what_may_be_initials_is_asked_about_only_where_it_would_change_hours(tmp_path: Path) -> None:
    table = "time,camera,plate,operator\n2026-05-04 08:30,north,KR1,PM\n"
    with pytest.raises(ArchiveError, match="say --columns half=operator"):
        read(tmp_path, table)
    assert hours(read(tmp_path, table, columns={"half": "operator"})) == [20]
    assert hours(read(tmp_path, f"{table}2026-05-04 14:30,north,KR2,AM\n")) == [8, 14]
    assert hours(read(tmp_path, table.replace("PM", "AM"))) == [8]
    assert hours(read(tmp_path, table.replace("PM", "P"))) == [8]


def test_a_half_beside_a_time_with_an_offset_or_a_count_of_seconds_changes_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "time,ampm,camera,plate\n2026-05-04T08:30:00Z,PM,north,KR1\n1777881600,PM,north,KR2\n")
    assert hours(found) == [8]
    assert "which is right?" in found.problems[0]


def test_twelve_in_the_evening_is_noon_to_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, "time,上午下午,camera,plate\n2026-05-04 12:30,晚上,n,K1\n2026-05-04 11:30,晚上,n,K2\n")
    assert hours(found) == [23]
    assert "noon to some and midnight to others" in found.problems[0]
