from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.foreign.plate_log import LogOptions, match_columns, read_plate_log
from index.intake.times import TimeReader, UnreadableTimeError, read_zone

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["time", "camera", "plate"], {"time": "time", "camera": "camera", "plate": "plate"}),
        (["Date_Time", "Device ID", "VRM"], {"time": "Date_Time", "camera": "Device ID", "plate": "VRM"}),
        (["Datum", "Zeit", "Kamera", "Kennzeichen"], {"time": "Zeit", "camera": "Kamera", "plate": "Kennzeichen"}),
        (["timestamp", "site", "image", "color"], {"time": "timestamp", "camera": "site", "colour": "color"}),
    ],
)
def test_usual_names_are_recognised_whatever_their_case_and_dashes(header: list[str], expected: dict[str, str]) -> None:
    columns = match_columns(Path("reads.csv"), header, LogOptions())
    assert expected.items() <= columns.items()


def test_a_column_that_is_told_wins_over_a_guess() -> None:
    options = LogOptions(columns={"time": "Uploaded"})
    columns = match_columns(Path("reads.csv"), ["Uploaded", "Time", "Camera", "Plate"], options)
    assert columns["time"] == "Uploaded"


@pytest.mark.parametrize(
    ("header", "told", "says"),
    [
        (["time", "plate"], {}, "which column is the camera"),
        (["time", "camera"], {}, "which column is the plate"),
        (["when", "camera", "plate"], {}, "--columns time=NAME"),
        (["time", "camera", "plate"], {"plate": "Reg"}, "no column 'Reg'"),
        (["time", "camera", "plate"], {"number": "plate"}, "known are time"),
    ],
)
def test_a_table_that_lacks_a_column_is_refused_with_those_it_has(
    header: list[str], told: dict[str, str], says: str
) -> None:
    with pytest.raises(ArchiveError, match=says):
        match_columns(Path("reads.csv"), header, LogOptions(columns=told))


def test_rows_become_reports_and_bad_ones_are_named_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text(
        "Timestamp;Site;Reg;Score;Colour\n"
        "2026-05-04T10:00:00+02:00;north;kr-123 ab;93;Gray\n"
        "2026-05-04T10:00:00;north;KR123AB;93;\n"
        ";north;KR123AB;93;\n"
        "2026-05-04T10:00:00Z;north;;93;\n"
        "2026-05-04T10:00:00Z;north;KR1;very;\n"
        "\n"
        "2026-05-04T10:00:00Z;;KR1;0.5;\n"
    )
    read = read_plate_log(path, LogOptions())
    (report,) = read.reports
    assert (report.camera, report.time, report.plate, report.confidence) == ("north", EIGHT, "KR123AB", 0.93)
    assert report.colour == "grey"
    assert [problem.split(":")[0] for problem in read.problems] == [f"reads.csv, line {n}" for n in (3, 4, 5, 6, 8)]
    assert "give --zone" in read.problems[0]
    assert "neither a plate nor a picture" in read.problems[2]
    assert "plate=Reg" in read.guesses[0]


def test_date_and_clock_may_be_two_columns_in_a_layout_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("Datum,Zeit,Kennzeichen\n04.05.2026,10:00:00,KR123AB\n")
    times = TimeReader(read_zone("Europe/Vienna"), "%d.%m.%Y %H:%M:%S")
    (report,) = read_plate_log(path, LogOptions(times=times, camera="north")).reports
    assert (report.camera, report.time) == ("north", EIGHT)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with pytest.raises(ArchiveError, match="not a CSV table"):
        read_plate_log(path, LogOptions())


@pytest.mark.parametrize("text", ["2026-05-04 08:00:00Z", "20260504T100000+0200", "1777881600", "1777881600000"])
def test_a_time_with_a_zone_needs_nothing_more(text: str) -> None:
    assert TimeReader().read(text) == EIGHT


def test_the_hour_that_comes_twice_is_not_guessed() -> None:
    vienna = TimeReader(read_zone("Europe/Vienna"))
    assert vienna.read("2026-10-25T01:30:00") == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    with pytest.raises(UnreadableTimeError, match="clocks change"):
        vienna.read("2026-10-25T02:30:00")


def test_zones_are_offsets_or_names() -> None:
    assert read_zone("-05:30") == timezone(-timedelta(hours=5, minutes=30))
    for wrong in ("+25:00", "CETT", "../etc", ""):
        with pytest.raises(ArchiveError, match="is not a zone"):
            read_zone(wrong)
