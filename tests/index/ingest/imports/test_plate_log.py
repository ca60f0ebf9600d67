from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.ingest.imports.plate_log import PlateLogOptions, match_columns, read_plate_log
from index.ingest.times import TimeReader, read_zone

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
def test_usual_column_names_are_recognised_in_any_spelling(header: list[str], expected: dict[str, str]) -> None:
    columns = match_columns(Path("reads.csv"), header, PlateLogOptions())
    assert expected.items() <= columns.items()


def test_a_given_column_wins_over_a_guess() -> None:
    options = PlateLogOptions(columns={"time": "Uploaded"})
    columns = match_columns(Path("reads.csv"), ["Uploaded", "Time", "Camera", "Plate"], options)
    assert columns["time"] == "Uploaded"


@pytest.mark.parametrize(
    ("header", "given", "says"),
    [
        (["time", "plate"], {}, "which column is the camera"),
        (["time", "camera"], {}, "which column is the plate"),
        (["when", "camera", "plate"], {}, "--columns time=NAME"),
        (["time", "camera", "plate"], {"plate": "Reg"}, "no column 'Reg'"),
        (["time", "camera", "plate"], {"number": "plate"}, "known are time"),
    ],
)
def test_a_table_without_a_required_column_is_refused(header: list[str], given: dict[str, str], says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        match_columns(Path("reads.csv"), header, PlateLogOptions(columns=given))


def test_rows_become_sightings_and_problems_name_the_line(tmp_path: Path) -> None:
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
    read = read_plate_log(path, PlateLogOptions())
    (row,) = read.sightings
    assert (row.camera, row.time, row.plate, row.confidence) == ("north", EIGHT, "KR123AB", 0.93)
    assert row.colour == "grey"
    assert [problem.split(":")[0] for problem in read.problems] == [f"reads.csv, line {n}" for n in (3, 4, 5, 6, 8)]
    assert "give --zone" in read.problems[0]
    assert "neither a plate nor a picture" in read.problems[2]
    assert "plate=Reg" in read.guesses[0]


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (("96", "1", "0.5", "80%"), (0.96, 0.01, 0.005, 0.8)),
        (("0.96", "1", "0.5", "1%"), (0.96, 1.0, 0.5, 0.01)),
        (("0.96", "1.02", "inf", "0.5"), (0.96, None, None, 0.5)),
    ],
)
def test_a_confidence_of_1_beside_96_is_one_percent(
    tmp_path: Path, written: tuple[str, ...], known: tuple[float | None, ...]
) -> None:
    """A reading of which its system is hardly sure was taken as certain."""
    path = tmp_path / "reads.csv"
    rows = [f"2026-05-04T08:0{number}:00Z,north,KR12{number},{text}" for number, text in enumerate(written)]
    path.write_text("\n".join(["time,camera,plate,confidence", *rows]))
    read = read_plate_log(path, PlateLogOptions())
    assert [one.confidence for one in read.sightings] == pytest.approx([one for one in known if one is not None])
    assert len(read.problems) == known.count(None)


def test_date_and_time_can_be_two_columns_in_their_own_layout(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("Datum,Zeit,Kennzeichen\n04.05.2026,10:00:00,KR123AB\n")
    times = TimeReader(read_zone("Europe/Vienna"), "%d.%m.%Y %H:%M:%S")
    (row,) = read_plate_log(path, PlateLogOptions(times=times, camera="north")).sightings
    assert (row.camera, row.time) == ("north", EIGHT)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with pytest.raises(ArchiveError, match="not a CSV table"):
        read_plate_log(path, PlateLogOptions())


def test_a_text_longer_than_any_plate_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text(f"time,camera,plate\n2026-05-04T10:00:00Z,north,{'X' * 50_000}\n2026-05-04T10:00:00Z,north,KR1\n")
    read = read_plate_log(path, PlateLogOptions())
    assert [row.plate for row in read.sightings] == ["KR1"]
    (problem,) = read.problems
    assert "has 50000 characters: 20 are the most" in problem
    assert len(problem) < 200


@pytest.mark.parametrize(
    ("plate", "stored"),
    [("MÜ-AB 123", "MUAB123"), ("А123ВС77", "A123BC77"), ("ＫＲ１２", "KR12"), ("KR.12/AB", "KR12AB")],
)
def test_letters_of_other_alphabets_are_stored_as_a_reader_sees_them(tmp_path: Path, plate: str, stored: str) -> None:
    """They were left out without a word: MÜ-AB 123 was stored as MAB123, and agreed with that plate for certain."""
    path = tmp_path / "reads.csv"
    path.write_text(f"time,camera,plate\n2026-05-04T10:00:00Z,north,{plate}\n", encoding="utf-8")
    assert [row.plate for row in read_plate_log(path, PlateLogOptions()).sightings] == [stored]


@pytest.mark.parametrize(
    "plate", ["กข 1234", "品川 330 さ 12-34", "KR1?AB", "KR1*", "ЖФ 123", "NOPLATE", "unknown", "000000", "KRß1"]
)
def test_what_is_no_whole_plate_here_is_said_and_no_vehicle_is_known_by_it(tmp_path: Path, plate: str) -> None:
    """All vehicles that a reader calls NOPLATE, or whose letters were left out, agreed with each other for certain."""
    path = tmp_path / "reads.csv"
    rows = (f"2026-05-04T10:00:00Z,north,{plate},", f"2026-05-04T10:00:00Z,north,{plate},a.jpg")
    path.write_text("time,camera,plate,picture\n" + "\n".join(rows) + "\n", encoding="utf-8")
    read = read_plate_log(path, PlateLogOptions())
    assert [(row.plate, len(row.pictures)) for row in read.sightings] == [(None, 1)]
    (problem,) = read.problems
    assert "line 2: " in problem
    assert plate in problem
    assert "of 1 rows only the picture is taken over" in read.guesses[-1]


def test_a_year_of_no_footage_skips_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    times = ("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59Z", "2026-05-04T08:00:00Z")
    path.write_text("time,camera,plate\n" + "".join(f"{time},a,KR1\n" for time in times))
    read = read_plate_log(path, PlateLogOptions())
    assert len(read.sightings) == 1
    assert ["1970 to 2199" in problem for problem in read.problems] == [True, True]


def test_a_picture_named_with_nul_skips_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    rows = (f"2026-05-04T08:00:0{number}Z,a,{name}\n" for number, name in enumerate(("a\0b.jpg", "b.jpg")))
    path.write_text("time,camera,picture\n" + "".join(rows))
    read = read_plate_log(path, PlateLogOptions())
    assert len(read.sightings) == 1
    assert "NUL" in read.problems[0]


@pytest.mark.parametrize(
    ("header", "zone", "refused"),
    [
        ("Time (UTC)", "Europe/Vienna", True),
        ("time_utc", "+02:00", True),
        ("GMT time", "Europe/London", True),
        ("Time UTC+2", "Europe/London", True),
        ("Time (UTC)", "Z", False),
        ("Time UTC+2", "Europe/Vienna", False),
        ("Time [GMT-03:00]", "America/Sao_Paulo", False),
    ],
)
def test_a_column_that_says_utc_is_not_read_in_another_zone(
    tmp_path: Path, header: str, zone: str, refused: bool
) -> None:
    path = tmp_path / "reads.csv"
    path.write_text(f"{header},camera,plate\n2026-05-04T10:00:00,north,KR1\n2026-05-04T10:00:00+05:00,north,KR2\n")
    read = read_plate_log(path, PlateLogOptions(columns={"time": header}, times=TimeReader(read_zone(zone))))
    assert len(read.sightings) == (1 if refused else 2)
    assert all("give the --zone that is meant" in line for line in read.problems)


def test_the_zone_of_a_row_is_that_of_its_own_cell(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text(
        "time,timezone,camera,plate\n"
        "2026-05-04T04:00:00,America/New_York,north,KR1\n"
        "2026-05-04T10:00:00,+02:00,north,KR2\n"
        "2026-05-04T10:00:00+02:00,CEST,north,KR3\n"
        "2026-05-04T10:00:00,,north,KR4\n"
        "2026-05-04T10:00:00,CEST,north,KR5\n"
    )
    read = read_plate_log(path, PlateLogOptions(times=TimeReader(read_zone("Europe/Vienna"))))
    assert [row.time for row in read.sightings] == [EIGHT] * 4
    (problem,) = read.problems
    assert "line 6: 'CEST' is not a zone" in problem


def test_the_name_of_winter_time_beside_a_time_of_summer_is_refused(tmp_path: Path) -> None:
    """Python has CET as a zone with summer time: a row that says CET was an hour early, if it meant that."""
    path = tmp_path / "reads.csv"
    path.write_text("time,tz,camera,plate\n2026-05-04 09:00,CET,north,KR1\n2026-01-04 09:00,CET,north,KR2\n")
    read = read_plate_log(path, PlateLogOptions())
    assert [row.time for row in read.sightings] == [datetime(2026, 1, 4, 8, tzinfo=UTC)]
    assert "when CET may not be what clocks show" in read.problems[0]


@pytest.mark.parametrize(
    ("cells", "hours"),
    [
        (("UTC", "+02:00"), (9, 7)),
        (("Europe/London", ""), (8, 7)),
        (("A", "Z"), (7, 7)),
        (("North", "UTC"), (7, 7)),
        (("EDT", "UTC"), (9,)),
    ],
)
def test_a_column_called_zone_is_one_of_time_only_if_all_its_cells_are(
    tmp_path: Path, cells: tuple[str, str], hours: tuple[int, ...]
) -> None:
    """Times beside which UTC stood were read in --zone, as a car park may have zones, too."""
    path = tmp_path / "reads.csv"
    path.write_text("time,zone,camera,plate\n" + "".join(f"2026-05-04 09:00,{cell},north,KR1\n" for cell in cells))
    read = read_plate_log(path, PlateLogOptions(times=TimeReader(read_zone("Europe/Vienna"))))
    assert tuple(row.time.hour for row in read.sightings if row.time) == hours
    assert len(read.problems) == 2 - len(hours)
    assert ("zone=zone" in read.guesses[0]) == (cells[0] not in ("A", "North"))


def test_signs_that_make_other_cells_of_a_row_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text(
        "time,camera,plate,note\n"
        "2026-05-04T08:00:00Z,Main St, North,KR1,x\n"
        "2026-05-04T08:00:00Z,north,KR2,x,\n"
        '2026-05-04T08:00:00Z,north,KR3,"5 wide\n'
        "2026-05-04T08:00:00Z,north,KR4,x\n"
        '2026-05-04T08:00:00Z,north,KR5,"\n'
        '2026-05-04T08:00:00Z,north,KR6,"two\nlines"\n'
    )
    read = read_plate_log(path, PlateLogOptions())
    assert [row.plate for row in read.sightings] == ["KR2", "KR6"]
    assert ["line 2: it has more cells" in read.problems[0], "line 6: a quotation mark" in read.problems[1]] == [
        True
    ] * 2


def test_a_table_with_two_columns_of_one_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate,camera\n2026-05-04T08:00:00Z,north,KR1,south\n")
    with pytest.raises(ArchiveError, match="more than one column 'camera'"):
        read_plate_log(path, PlateLogOptions())


@pytest.mark.parametrize("layout", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_a_layout_that_writes_utc_out_is_not_read_in_another_zone(layout: str) -> None:
    written = EIGHT.strftime(layout)
    with pytest.raises(ArchiveError, match="give the --zone that is meant"):
        TimeReader(read_zone("Europe/Vienna"), layout).read(written)
    assert TimeReader(read_zone("Z"), layout).read(written) == EIGHT


@pytest.mark.parametrize(
    ("times", "taken"),
    [
        (("1000", "93000", "101500"), (10,)),
        (("1000", "0930"), (10, 9)),
        (("100000", "093000"), (10, 9)),
        (("10", "1015"), (10,)),
        (("1000", "09:30"), (10, 9)),
    ],
)
def test_times_that_lost_their_zeros_in_a_spreadsheet_are_refused(
    tmp_path: Path, times: tuple[str, ...], taken: tuple[int, ...]
) -> None:
    """1000 beside 101500 is ten minutes past midnight; it was ten o'clock."""
    path = tmp_path / "reads.csv"
    path.write_text("date,time,camera,plate\n" + "".join(f"2026-05-04,{cell},north,KR1\n" for cell in times))
    read = read_plate_log(path, PlateLogOptions(times=TimeReader(read_zone("Z"))))
    assert tuple(row.time.hour for row in read.sightings if row.time) == taken
    assert len(read.problems) == len(times) - len(taken)


def test_columns_of_day_and_hour_in_other_languages_are_read(tmp_path: Path) -> None:
    for names in ("Datum,Uhrzeit,Kamera,Kennzeichen", "Fecha,Hora,camera,matricula", "date,heure,camera,plate"):
        path = tmp_path / "reads.csv"
        path.write_text(f"{names}\n2026-05-04,10:00:00,north,W1AB\n", encoding="utf-8")
        (sighting,) = read_plate_log(path, PlateLogOptions(times=TimeReader(read_zone("+02:00")))).sightings
        assert sighting.time == EIGHT
