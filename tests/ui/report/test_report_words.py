from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ui.cells import safe_cell
from ui.cli.local_time import LocalZone
from ui.report.report_words import between, plain, question_rows, when

TEN = datetime(2026, 5, 4, 8, 0, 8, 450_000, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


def test_times_name_day_and_zone() -> None:
    assert when(TEN, VIENNA) == "Mon 4 May 2026, 10:00:08.4 CEST"
    assert when(TEN, UTC) == "Mon 4 May 2026, 08:00:08.4 UTC"
    assert between(TEN, TEN + timedelta(seconds=3), VIENNA) == "Mon 4 May 2026, 10:00:08.4 to 10:00:11.4 CEST"
    night = between(TEN, TEN + timedelta(hours=20), VIENNA)
    assert night == "Mon 4 May 2026, 10:00:08.4 CEST to Tue 5 May 2026, 06:00:08.4 CEST"


def test_signs_that_nobody_sees_are_shown() -> None:
    assert plain("a\u202eb\x00c\n\u200cd") == "a[U+202E]b[U+0000]c\n\u200cd"


def test_fields_that_were_left_open_are_left_out() -> None:
    rows = dict(question_rows({"plate": "KR*", "radius_m": 0.0, "horizon_s": 1800.0, "reason": "x", "smell": "diesel"}))
    assert rows == {"Plate pattern": "KR*", "Horizon": "30 min", "smell": "diesel"}


def test_cells_are_no_formulas() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "＝1"):
        assert safe_cell(text) == f"'{text}"
    assert safe_cell(-1.5) == -1.5
    assert safe_cell("a=1") == "a=1"


def test_the_zone_of_the_machine_knows_summer() -> None:
    zone = LocalZone()
    for time in (TEN, TEN + timedelta(days=200)):
        local = time.astimezone(zone)
        assert local.utcoffset() == time.astimezone().utcoffset()
        assert local == time
