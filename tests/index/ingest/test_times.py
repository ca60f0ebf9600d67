import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.ingest.start_time import StartRule, start_by_name
from index.ingest.times import TimeReader, UnreadableTimeError, read_zone
from reid.clock.iso_time import iso_time
from reid.clock.name_time import name_time

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-05-04 08:00:00Z", "20260504T100000+0200", "1777881600", "1777881600000"])
def test_a_time_with_a_zone_is_read_without_options(text: str) -> None:
    assert TimeReader().read(text) == EIGHT


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("2026050408", "%Y%m%d%H"),
        ("2605040800", "%y%m%d%H%M"),
        ("2012050408", "%Y%m%d%H"),
        ("0405202608", "%d%m%Y%H"),
        ("0405260800", "%d%m%y%H%M"),
        ("3105202608", "%d%m%Y%H"),
        ("0504202608", "%m%d%Y%H"),
    ],
)
def test_ten_digits_that_can_be_a_date_are_not_taken_for_seconds(text: str, layout: str) -> None:
    """A log of hours, or of minutes, was taken over as one of 2034, 2052, 1982 or 2068."""
    with pytest.raises(UnreadableTimeError, match=f"or a date: give --time-format .*{layout}.*, or write milliseconds"):
        TimeReader(read_zone("Z")).read(text)
    assert TimeReader(read_zone("Z"), layout).read(text).time() == EIGHT.time()
    assert TimeReader().read("2099999999").year == 2036


def test_a_time_in_the_repeated_hour_is_refused() -> None:
    vienna = TimeReader(read_zone("Europe/Vienna"))
    assert vienna.read("2026-10-25T01:30:00") == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    with pytest.raises(UnreadableTimeError, match="clocks change"):
        vienna.read("2026-10-25T02:30:00")


def test_zones_are_offsets_or_names() -> None:
    assert read_zone("-04:30") == timezone(-timedelta(hours=4, minutes=30))
    for wrong in ("+25:00", "CETT", "../etc", ""):
        with pytest.raises(ArchiveError, match="is not a zone"):
            read_zone(wrong)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-10:00"])
def test_a_year_of_no_footage_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError, match="1970 to 2199"):
        TimeReader().read(text)


@pytest.mark.parametrize("zone", [None, "Europe/Vienna", "Z"])
def test_a_layout_with_the_name_of_a_zone_is_refused_as_its_name_would_be_passed_over(zone: str | None) -> None:
    named = TimeReader(read_zone(zone) if zone else None, "%Y-%m-%d %H:%M:%S %Z")
    with pytest.raises(UnreadableTimeError, match="write that name into it as it is, and say the zone by --zone"):
        named.read("2026-05-04 08:00:00 UTC")


@pytest.mark.parametrize(
    ("layout", "text", "says"),
    [
        (None, "2026-05-04", "without a time of day"),
        (None, "20260504", "without a time of day"),
        (None, "2026-W19-1", "without a time of day"),
        (None, "2026-05-04+02:00", "without a time of day"),
        (None, "20260504-0500", "without a time of day"),
        (None, "2026-05-04Z", "without a time of day"),
        ("%d.%m.%Y", "04.05.2026", "asks for no hour"),
        ("%%H %d.%m.%Y", "%H 04.05.2026", "asks for no hour"),
        ("%d.%m.%Y %I:%M", "04.05.2026 08:00", "write %p"),
        ("%d.%m.%Y %H:%M %p", "04.05.2026 08:00 PM", "write %I"),
        ("%d.%m.%Y %H:%M %p", "04.05.2026 12:00 AM", "write %I"),
        ("%d.%m.%Y %H:%M PM", "04.05.2026 08:00 PM", "write %I and %p"),
        ("%d/%m/%Y %H:%M p. m.", "04/05/2026 08:00 p. m.", "write %I and %p"),
        ("%d/%m/%Y %H:%M p.\u00a0m.", "04/05/2026 08:00 p.\u00a0m.", "write %I and %p"),
        ("%d/%m/%Y %H:%M pm", "04/05/2026 08:00 pm", "write %I and %p"),
        ("%d/%m/%Y %H:%M am", "04/05/2026 12:00 am", "write %I and %p"),
        ("%Y/%m/%d 下午%H:%M", "2026/05/04 下午8:00", "write %I and %p"),
        ("%d/%m/%Y %H:%M μ.μ.", "04/05/2026 08:00 μ.μ.", "write %I and %p"),
        ("%d/%m/%Y %H:%M م", "04/05/2026 08:00 م", "write %I and %p"),
        ("%Y/%m/%d %p%I:%M", "2026/05/04 午後12:00", "noon to some"),
        ("%m.%Y %H:%M", "05.2026 08:00", "asks for no day"),
        ("%a %Y %H:%M", "Mon 2026 08:00", "asks for no day"),
    ],
)
def test_a_time_without_its_hour_is_refused(layout: str | None, text: str, says: str) -> None:
    """All sightings of a log with dates alone were seen at midnight, and those of an afternoon in the morning."""
    with pytest.raises(UnreadableTimeError, match=says):
        TimeReader(UTC, layout).read(text)


@pytest.mark.parametrize("text", ["20260504103000123", "20260504013000123", "20260504108", "2026-05-041030"])
def test_a_day_and_a_time_without_a_sign_between_are_not_read_as_another_time(text: str) -> None:
    """Python takes a digit for the sign: 10:30:00.123 was three o'clock, without a word."""
    with pytest.raises(UnreadableTimeError, match="is not a time written as in"):
        TimeReader(UTC).read(text)
    with pytest.raises(ValueError, match="no sign between"):
        iso_time(f"{text}Z")
    assert TimeReader(UTC, "%Y%m%d%H%M%S%f").read("20260504080000000") == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-04 08-10", "2026-05-04T08-10", "20260504T08-10", "2026-05-04 08-10:30", "2026-05-04_08-0530"),
        *("2026-05-04 08:30-10", "20260504T0830-10"),
    ],
)
def test_a_dash_that_may_part_hours_and_minutes_is_no_offset(text: str) -> None:
    """Ten past eight was eight o'clock ten hours west of Greenwich: in the evening."""
    with pytest.raises(UnreadableTimeError, match="give --time-format"):
        TimeReader(UTC).read(text)
    assert TimeReader(UTC, "%Y-%m-%d %H-%M").read("2026-05-04 08-00") == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-04 03:00:00-05", "2026-05-04T03:00-05:00", "2026-05-04T03:00-0500", "20260504T030000-05"),
        *("2026-05-04T10+02", "2026-05-04T08Z", "2026-05-04-08:00:00Z", "2026-05-04T08:00:00.000-00:00"),
    ],
)
def test_offsets_as_databases_write_them_are_read(text: str) -> None:
    assert TimeReader().read(text) == EIGHT


@pytest.mark.parametrize("layout", ["%j %Y %H:%M", "%G-W%V-%u %H:%M", "%d %B %Y %H:%M", "%c"])
def test_layouts_that_ask_for_a_day_in_other_ways_are_read(layout: str) -> None:
    assert TimeReader(UTC, layout).read(EIGHT.strftime(layout)) == EIGHT


def test_half_days_are_read() -> None:
    assert TimeReader(UTC, "%d.%m.%Y %I:%M %p").read("04.05.2026 08:00 AM") == EIGHT
    assert TimeReader(UTC, "%d.%m.%Y %H:%M %p").read("04.05.2026 08:00 AM") == EIGHT
    assert TimeReader(UTC, "%d.%m.%Y %H:%M %p").read("04.05.2026 20:00 PM").hour == 20
    assert TimeReader(UTC, "%H:%M am %d.%m.%Y").read("08:00 am 04.05.2026") == EIGHT


@pytest.mark.parametrize("half", ["p. m.", "p.\u00a0m.", "p.m.", "pm", "下午", "오후", "午後", "μμ", "μ.μ.", "م"])
def test_half_days_of_other_languages_are_read_where_the_layout_has_them(half: str) -> None:
    """Excel writes p. m. in Spanish: who wrote that into the layout as it stands had afternoons in the morning."""
    assert TimeReader(UTC, "%d/%m/%Y %I:%M:%S %p").read(f"04/05/2026 8:00:00 {half}").hour == 20
    assert TimeReader(UTC, "%Y/%m/%d %p%I:%M").read(f"2026/5/4 {half}12:05" if half[0] != "午" else "2026/5/4 上午8:00")


def test_a_percent_sign_before_a_letter_is_no_name_of_a_zone() -> None:
    assert TimeReader(UTC, "%%Z %Y-%m-%d %H:%M").read("%Z 2026-05-04 08:00") == EIGHT


@pytest.mark.parametrize(
    "name",
    [
        "gate_20260504_080000_UTC.mp4",
        "20260504-080000UTC.mp4",
        "2026-05-04 08-00-00 GMT.mp4",
        "gate_20260504_080000z.mp4",
        "gate_20260504_100000_+0200.mp4",
        "gate_20260504_033000_-04:30.mp4",
        "gate_20260504_100000_UTC+2.mp4",
        "gate_20260504_080000_utc.mp4",
        "gate_20260504_080000 (UTC).mp4",
        "gate_20260504_100000 [UTC+2].mp4",
        "gate_20260504_133000_UTC+5_30.mp4",
        "gate_20260504_060000_UTC−2.mp4",
        "20260504-033000 GMT-0430.mp4",
        "2026-05-04 10-00-00 (UTC +02:00).mp4",
        "gate_20260504_060000 UTC–2.mp4",
        "gate_20260504T100000+02.mp4",
        "gate_20260504_080000_Z.mp4",
    ],
)
def test_a_file_name_that_says_its_zone_is_not_in_that_of_the_others(name: str) -> None:
    found = start_by_name(Path(name), StartRule(zone=read_zone("Europe/Vienna")))
    assert found is not None
    assert found.time == EIGHT


@pytest.mark.parametrize("name", ["20260504_100000-0001.mp4", "20260504_100000_zone.mp4"])
def test_a_number_or_a_word_after_the_time_of_a_file_name_is_no_zone(name: str) -> None:
    found = start_by_name(Path(name), StartRule(zone=read_zone("+02:00")))
    assert found is not None
    assert found.time == EIGHT


@pytest.mark.parametrize("name", ["gate_20260504_080000_EST.mp4", "gate_20260504_080000 (JST).mp4"])
def test_a_name_that_says_another_zone_than_is_told_is_refused(name: str) -> None:
    """The zone that was told was taken, hours off, and nothing said so."""
    with pytest.raises(ArchiveError, match=r"its name says [EJ]ST, and Europe/Vienna is not called that then"):
        start_by_name(Path(name), StartRule(read_zone("Europe/Vienna")))


@pytest.mark.parametrize(
    "zone", ["UTC+5.5", "UTC2", "nzst", "HST", "edt", "+0200_EST", "UTC_CEST", "+2", "+0300 (CEST)"]
)
def test_what_is_no_zone_here_is_not_passed_over(zone: str) -> None:
    """UTC+5.5 was read as UTC+5, UTC +2 as UTC, and names that nobody had thought of in the zone that was told."""
    with pytest.raises(ArchiveError, match="its name says"):
        start_by_name(Path(f"gate_20260504_080000_{zone}.mp4"), StartRule(read_zone("Europe/Vienna")))


@pytest.mark.parametrize("name", ["CEST", "cest", "MESZ", "+0200 (CEST)", "WEST", "east", "est", "FRONT"])
def test_the_zone_that_is_told_may_be_named_and_a_direction_is_none(name: str) -> None:
    found = start_by_name(Path(f"gate_20260504_100000_{name}.mp4"), StartRule(read_zone("Europe/Vienna")))
    assert found is not None
    assert found.time == EIGHT


def test_the_name_of_a_zone_as_the_option_takes_it_may_stand_in_a_file_name() -> None:
    named = name_time(Path("gate_20260504_040000_America-New_York.mp4"))
    assert named is not None
    assert TimeReader(read_zone("America/New_York")).read_name(named) == datetime(2026, 5, 4, 8, tzinfo=UTC)
    with pytest.raises(ArchiveError, match="its name says AMERICA-NEW_YORK"):
        TimeReader(read_zone("Europe/Vienna")).read_name(named)


def test_a_half_of_the_day_that_may_be_a_word_is_refused() -> None:
    named = name_time(Path("gate_20260504_080000_pm.mp4"))
    assert named is not None
    with pytest.raises(UnreadableTimeError, match="may be another word"):
        TimeReader(read_zone("Z")).read_name(named)


WINTERS = [("WET", 9), ("CET", 8), ("MET", 8), ("EET", 7), ("EST", 14), ("MST", 16)]


@pytest.mark.parametrize(("name", "winter_hour"), WINTERS)
def test_the_name_of_winter_time_is_no_zone_for_a_time_of_summer(name: str, winter_hour: int) -> None:
    """Python has CET as a place with summer time: what meant winter time was an hour early."""
    named = TimeReader(read_zone(name))
    assert named.read("2026-01-04 09:00").hour == winter_hour
    assert named.read("2026-05-04T08:00Z") == EIGHT
    with pytest.raises(UnreadableTimeError, match=f"when {name} may not be what clocks show: give an offset, or"):
        named.read("2026-05-04 09:00")


@pytest.mark.parametrize("layout", ["%Y-%m-%d %H:%M CET", "%Y-%m-%d %H:%M (MEZ)", "EST %Y-%m-%d %H:%M"])
def test_a_zone_that_a_layout_has_by_name_is_that_of_the_times(layout: str) -> None:
    """A system that writes winter time all year was read in the summer time of its place."""
    written = re.sub("%Y.*%M", "2026-05-04 10:00", layout)
    with pytest.raises(UnreadableTimeError, match=r"is not called (CET|EST) then: give an offset as --zone"):
        TimeReader(read_zone("Europe/Vienna"), layout).read(written)
    assert TimeReader(read_zone("+02:00"), layout).read(written) == EIGHT


@pytest.mark.parametrize("layout", ["%Y-%m-%d %H:%M CEST", "%Y-%m-%d %H:%M (MESZ)", "AT THE POST %Y-%m-%d %H:%M"])
def test_a_zone_that_the_place_bears_then_and_a_word_are_no_doubt(layout: str) -> None:
    written = re.sub("%Y.*%M", "2026-05-04 10:00", layout)
    assert TimeReader(read_zone("Europe/Vienna"), layout).read(written) == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-04 08:30:00-08:35:00", "2026-05-04 08:30-09:15", "2026-05-04 20:30-21:30"),
        *("2026-05-04 08:30:00-09:00:00", "2026-05-04T08:30:00.500-09:30:00"),
    ],
)
def test_a_span_is_no_time_with_an_offset(text: str) -> None:
    with pytest.raises(UnreadableTimeError, match="is not a time written as in"):
        TimeReader(UTC).read(text)


def test_a_minute_with_an_offset_that_may_be_a_span_is_read_where_it_is_that_of_the_zone() -> None:
    vienna = read_zone("Europe/Vienna")
    with pytest.raises(UnreadableTimeError, match="or with when something ended: write seconds, too"):
        TimeReader(vienna).read("2026-05-04 08:30-09:30")
    assert TimeReader(read_zone("America/New_York")).read("2026-05-04 04:00-04:00") == EIGHT
    assert TimeReader(vienna).read("2026-05-04 04:00:00-04:00") == EIGHT


def test_a_distance_from_utc_that_no_place_has_is_no_zone() -> None:
    """Minutes, as in a column of offsets: -0120 are two hours."""
    with pytest.raises(ArchiveError, match="is not a zone"):
        read_zone("-0120")
    assert read_zone("+13:45") == timezone(timedelta(hours=13, minutes=45))


def test_a_layout_that_asks_for_the_hour_twice_is_no_layout() -> None:
    with pytest.raises(UnreadableTimeError, match="is not a time written like"):
        TimeReader(UTC, "%Y-%m-%d %H:%M-%H:%M").read("2026-05-04 08:30-09:00")
