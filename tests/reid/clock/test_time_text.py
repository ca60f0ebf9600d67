from datetime import datetime

import pytest

from reid.clock.time_text import has_date, has_word, is_half, possible_times

MAY, APRIL = datetime(2026, 5, 4, 8, 30, 7), datetime(2026, 4, 5, 8, 30, 7)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04 08:30:07",
        "2026/05/04 08:30:07.250",
        "2026-05-0408:30:07",
        "CAM 3 2026-05-04 Mon 08：30：07",
        "2026年05月04日 星期一 08:30:07",
        "04.05.2026 08:30:07",
        "04-May-2026 08:30:07",
        "MAY 04, 2026 8:30:07 AM",
        "08:30:07 2026-05-04",
    ],
)
def test_an_unambiguous_date_has_one_meaning(text: str) -> None:
    assert list(possible_times(text).values()) == [MAY]


def test_day_and_month_that_may_be_meant_either_way_are_left_open() -> None:
    assert possible_times("04/05/2026 08:30:07") == {"day first": MAY, "month first": APRIL}
    assert list(possible_times("25/05/2026 08:30:07").values()) == [datetime(2026, 5, 25, 8, 30, 7)]
    assert list(possible_times("05/05/2026 08:30:07").values()) == [datetime(2026, 5, 5, 8, 30, 7)]


@pytest.mark.parametrize(
    ("text", "hour"), [("12:30:07 AM", 0), ("12:30:07 PM", 12), ("08:30:07 pm", 20), ("20:30:07", 20)]
)
def test_am_and_pm_are_distinguished(text: str, hour: int) -> None:
    assert list(possible_times(f"2026-05-04 {text}").values()) == [datetime(2026, 5, 4, hour, 30, 7)]


@pytest.mark.parametrize(
    "text",
    ["", "08:30:07", "2026-05-04", "2026-05-04 08:30", "2026-13-04 08:30:07", "13:30:07 PM 2026-05-04", "KR 123"],
)
def test_text_without_date_and_time_gives_nothing(text: str) -> None:
    assert not possible_times(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-05-14 PM 08:30:05", 20),
        ("2026-05-14 下午 08:30:05", 20),
        ("2026年05月14日下午08:30:05", 20),
        ("2026-05-14 午前 08:30:05", 8),
        ("05/25/2026 08:30:05P", 20),
        ("2026-05-14 08:30:05 Thu PM", 20),
        ("2026-05-14 08:30:05 (p.m.)", 20),
        ("2026-05-14 上午12:30:05", 0),
        ("2026-05-14 20:30:05 P 3", 20),
        ("CAM PM4 2026-05-14 08:30:05", 8),
        ("AM BAHNHOF 2026-05-14 08:30:05", 8),
        ("2026-05-14 08:30:05 AMSTERDAM", 8),
        ("2026-05-14 08:30:05 P3", 8),
        ("2026-05-14 12:30:05 am Mon", 0),
        ("2026-05-14 08:30:05AMSTERDAM", 8),
    ],
)
def test_a_half_of_the_day_is_read_beside_the_time(text: str, hour: int) -> None:
    assert [time.hour for time in possible_times(text).values()] == [hour]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-14 08:30:05 P", "2026-05-14 08:30:05 CAM 3 PM", "AM BAHNHOF 2026-05-14 12:30:05"),
        *("2026-05-14 20:30 PM", "2026-05-14 12:30:05 am Tor", "2026-05-14 08:30:05PMCAM1"),
    ],
)
def test_a_half_that_may_be_a_label_leaves_the_time_open(text: str) -> None:
    assert not possible_times(text)


@pytest.mark.parametrize("text", ["2026-05-14 晚上12:30:05", "2026-05-14 12:30:05 午後", "2026-05-14 午前12:30:05"])
def test_twelve_of_a_half_that_is_not_sure_there_is_not_read(text: str) -> None:
    """Half past twelve in the evening was half past noon."""
    assert possible_times(text) == {}
    assert possible_times(text.replace("12:", "11:"))


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-05-14 20:30:05 REC 00:12:34", 20),
        ("00:12:34 CAMERA 2026-05-14 20:30:05", 20),
        ("10.10.10.20 2026-05-14 20:30:05", 20),
        ("V2.30.15 2026-05-14 Thu 20:30:05", 20),
        ("2026-05-14 20:30:05 2026-05-14 20:30:05", 20),
        ("REC 00:12:34 2026-05-14 20:30:05", None),
        ("2026-05-14 20:30:05 18:30:05", 20),
    ],
)
def test_of_two_times_the_clock_is_what_stands_beside_the_date(text: str, hour: int | None) -> None:
    """A recorder's counter of minutes advances as a clock does: it was read for one, at twelve past midnight."""
    assert [time.hour for time in possible_times(text).values()] == ([] if hour is None else [hour])


def test_a_half_a_date_and_a_word_beside_a_time_are_told_apart() -> None:
    assert [is_half(text) for text in ("PM", "p.m.", "下午", "(AM)", "P", "PM 2", "CAM", "08:30:05 PM")] == [
        True
    ] * 4 + [False] * 4
    assert [has_word(text) for text in ("08:30:05 PM", "Mon 08:30:05", "REC 00:12:34")] == [False, False, True]
    assert [has_date(text) for text in ("4 May 2026", "2026-05-04", "REC 00:12:34")] == [True, True, False]
