from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArchiveError
from index.simulation import truth
from index.simulation.csv_rows import read_rows, write_rows


@dataclass(frozen=True, slots=True)
class CsvRow:
    name: str
    number: int
    share: float
    flag: bool
    time: datetime
    plate: str | None


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1)
_rows = st.builds(
    CsvRow,
    name=_texts,
    number=st.integers(),
    share=st.floats(allow_nan=False),
    flag=st.booleans(),
    time=st.datetimes(timezones=st.just(UTC)),
    plate=st.none() | _texts,
)


@given(st.lists(_rows, max_size=5))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[CsvRow]) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_rows(path, CsvRow, rows)
    assert read_rows(path, CsvRow) == rows


def test_other_columns_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "clocks.csv"
    path.write_text("camera,brand,offset_s\nA,acme,1.5\n")
    assert read_rows(path, truth.TrueClock) == [truth.TrueClock("A", 1.5)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("camera\nA\n", "no column 'offset_s'", id="a column is missing"),
        pytest.param("camera,offset_s\nA,fast\n", "line 2: could not convert", id="not a number"),
        pytest.param("camera,offset_s\nA\n", "line 2", id="a short line"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "clocks.csv"
    path.write_text(text)
    with pytest.raises(ArchiveError, match=complaint):
        read_rows(path, truth.TrueClock)


def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "footage.csv"
    path.write_text("path,camera,start\na.mp4,A,2026-05-04T08:00:00\n")
    with pytest.raises(ArchiveError, match="has no zone"):
        read_rows(path, truth.FootageRow)


def test_times_are_written_in_utc(tmp_path: Path) -> None:
    start = datetime(2026, 5, 4, 8, tzinfo=UTC) + timedelta(microseconds=5)
    truth.write(tmp_path, truth.FootageRow, [truth.FootageRow("a.mp4", "A", start)])
    assert (tmp_path / "footage.csv").read_text() == "path,camera,start\na.mp4,A,2026-05-04T08:00:00.000005Z\n"


def test_a_folder_without_truth_is_no_city(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="is not a city"):
        truth.read(tmp_path, truth.TruePassage)
