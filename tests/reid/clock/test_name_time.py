"""Names of files: a zone behind the time is read for sure, or handed on to be confirmed; it is never passed over."""

from pathlib import Path
from unicodedata import normalize

import pytest

from reid.clock.name_time import NameTime, name_before_time, name_time

LOCAL = "2026-05-04T08:00:00"


def read(behind: str) -> NameTime:
    found = name_time(Path(f"gate_20260504_080000{behind}.mp4"))
    assert found is not None
    assert found.local == LOCAL
    return found


@pytest.mark.parametrize(
    ("behind", "zone"),
    [
        *((text, "Z") for text in ("Z", "z", "_Z", "Z1", "UTC", "_utc", " (UTC)", "-gmt", "_UTC_01", "[UTC]", "Z_cam")),
        *((text, "+02:00") for text in ("+0200", "_+0200", " +02:00", "+02", "_UTC+2", " (GMT +02:00)", "-utc+0200")),
        *((text, "-04:00") for text in ("-0400", "_-04:00", "UTC-4", "UTC‒4", "－0400", " UTC–4", "_UTC−04", "-GMT-4")),
        *((text, "+05:30") for text in ("+0530", "_UTC+5_30", "UTC+5:30", " (+05.30)")),
        ("_-0930", "-09:30"),
        ("_UTC+05-30", "+05:30"),
        ("_UTC+05:45", "+05:45"),
        ("UTC+14", "+14:00"),
    ],
)
def test_a_zone_that_is_sure_is_read(behind: str, zone: str) -> None:
    assert read(behind) == NameTime(LOCAL, zone)


@pytest.mark.parametrize(
    "behind",
    [
        *("UTC2", "_UTC02", "_UTC+5.5", "_UTC +02h", "_UTC+15", "UTC+2:15", "_utcplus2", "_GMT_+_2", "UTC+-2"),
        *("_EST", "_JST", " (BRT)", "_ART", "_NPT", "_WIB", "_IST", "-PST8PDT", "_AKDT", "_cst", "_nzst", "_hkt"),
        *("+2", "_+5", "+02:15", "_+25", "_–2", " −4", "_(-4)", "_plus2", "_minus_0400", "_zulu", "_QST", "_cam1_UTC"),
        *("_1_EST", "_cam1_CEST", "_0001 (JST)", "_CEST", "_mesz"),
        *("_UT", "_U.T.C.", "_G.M.T.", "_ET", "_PT", "_TZ+5", "_tz=-05:00", "_TZ5", "_ch01_-0500", "_main_+0500"),
        *("_America-New_York", "_Europe_London", "_Asia Tokyo", "_US-Eastern", "_eastern_time", "_20260504_081000Z"),
    ],
)
def test_what_may_be_a_zone_is_never_passed_over(behind: str) -> None:
    found = read(behind)
    assert found.zone_name, "only whoever knows the zone can say whether it is called that"
    assert found.zone == ""


@pytest.mark.parametrize(
    "behind", ["_M25_JCT", "_JCT12", "_INT", "_CAM_EXT", "_04OCT", "_SEPT", "_MKT_SQ", "-EVT", "_BURST001"]
)
def test_a_junction_an_inside_or_a_month_is_no_zone(behind: str) -> None:
    assert read(behind).zone_name is None


@pytest.mark.parametrize("behind", ["Z_EST", "+0200 (CEST)", "_UTC_CET", "UTC_plus_2", "GMT+0200 (CEST)"])
def test_two_zones_in_one_name_are_both_handed_on(behind: str) -> None:
    found = read(behind)
    assert found.zone
    assert found.zone_name


@pytest.mark.parametrize(
    "behind",
    [
        *("", "_0001", "-0001", "-0815", "-1", "_2", " (2)", "_NF", "F", "_zone", "_WEST", "_east", "_EAST2", "_est"),
        *("_SAT", "_DEPOT", "_MARKT", "_STADT", "_OST", "_LOT2", "_PLANT", "_MAST"),
        *(
            "_FRONT",
            "_EXIT",
            "_cat",
            "_TEST",
            "-083000",
            "_20260504_081000",
            "_car+truck",
            "_LEFT",
            "_a-1",
        ),
    ],
)
def test_a_number_or_a_word_is_no_zone(behind: str) -> None:
    assert read(behind) == NameTime(LOCAL)


@pytest.mark.parametrize(
    ("name", "zone_name"),
    [
        ("UTC_20260504_080000", "UTC"),
        ("northUTC_20260504_080000", "UTC"),
        ("gate (GMT) 20260504_080000", "GMT"),
        ("IST_20260504_080000", None),
    ],
)
def test_utc_before_the_time_is_asked_about_and_a_camera_may_be_called_as_a_zone(
    name: str, zone_name: str | None
) -> None:
    found = name_time(Path(f"{name}.mp4"))
    assert found == NameTime(LOCAL, "", zone_name)


@pytest.mark.parametrize(
    ("name", "hour", "zone", "doubt"),
    [
        ("20260504_080000PM", 20, "", None),
        ("2026-05-04 08-00-00 p.m.", 20, "", None),
        ("20260504_080000_PM_UTC", 20, "Z", None),
        ("2026-05-04 08.00.00 p. m.", 20, "", None),
        ("2026-05-04 08.00.00 p.\u00a0m.", 20, "", None),
        ("2026-05-04 08.00.00\u202fPM", 20, "", None),
        ("2026-05-04 08.00.00\u202fp.m. UTC", 20, "Z", None),
        ("20260504_080000 (PM)", 8, "", "PM"),
        ("20260504_080000__PM", 8, "", "PM"),
        ("20260504_080000 - PM", 8, "", "PM"),
        ("20260504_080000,PM", 8, "", "PM"),
        ("20260504_080000_123_PM", 8, "", "PM"),
        ("20260504_080000_0001_PM", 8, "", "PM"),
        ("20260504_080000_12_PM", 8, "", "PM"),
        ("20260504_080000_00000001_PM", 8, "", "PM"),
        ("20260504_080000_01_0002_PM", 8, "", "PM"),
        ("20260504_080000_0001_AM", 8, "", None),
        ("20260504_080000-0400_AM", 8, "-04:00", None),
        ("20260504_080000-0400_PM", 8, "-04:00", "PM"),
        ("20260504_080000_+0200_PM", 8, "+02:00", "PM"),
        ("20260504_080000+0200_AM", 8, "+02:00", None),
        ("20260504_080000_001_am_tor", 8, "", None),
        ("20260504_120000 AM", 0, "", None),
        ("20260504_120000_PM", 12, "", None),
        ("20260504_200000_PM", 20, "", None),
        ("20260504_080000_am_Tor", 8, "", None),
        ("20260504_120000_am_Tor", 12, "", "AM"),
        ("20260504_120000_AM_BAHNHOF", 12, "", "AM"),
        ("20260504_120000 am Tor", 12, "", "AM"),
        ("20260504_120000 am CEST", 0, "", "CEST"),
        ("20260504_080000_To_090000PM", 8, "", "PM"),
        ("20260504_120000_AM_CEST", 0, "", "CEST"),
        ("20260504_080000_PM_NORTH", 20, "", None),
        ("20260504_080000_pm", 8, "", "PM"),
        ("20260504_200000AM", 20, "", "AM"),
        ("20260504_080000_PM2", 8, "", None),
    ],
)
def test_the_half_of_a_day_of_twelve_hours_is_read(name: str, hour: int, zone: str, doubt: str | None) -> None:
    assert name_time(Path(f"{name}.mp4")) == NameTime(f"2026-05-04T{hour:02}:00:00", zone, doubt)


def test_the_words_that_are_kept_from_being_zones_are_needed() -> None:
    assert name_time(Path("gate_20260504_080000_CAT.mp4")) == NameTime(LOCAL, "", "CAT")
    assert name_time(Path("gate_20260504_080000_cat.mp4")) == NameTime(LOCAL)


@pytest.mark.parametrize(
    ("name", "hour", "doubt"),
    [
        ("录屏2026-05-04 下午8.30.00", "20", None),
        ("录屏2026-05-04 上午8.30.00", "08", None),
        ("gate_20260504_下午083000", "20", None),
        ("gate_20260504_083000_下午", "20", None),
        ("gate_20260504_083000 (午後)", "20", None),
        ("2026-05-04 午前00-30-00", "00", None),
        ("화면 기록 2026-05-04 오후 8.30.00", "20", None),
        ("화면 기록 2026-05-04 오전 12.30.00", "00", None),
        ("gate_20260504_下午123000", "12", None),
        ("gate_20260504_下午203000", "20", None),
        ("gate_20260504_晚上123000", "12", "PM"),
        ("gate_20260504_午前123000", "00", "AM"),
        ("gate_20260504_上午133000", "13", "AM"),
        ("gate_20260504_083000_停车场_下午", "08", "PM"),
        ("下午_gate_20260504_083000", "08", "PM"),
        ("gate_20260504_203000_停车场_下午", "20", None),
        ("gate_20260504_083000_cam1_PM", "08", "PM"),
        ("gate_20260504_083000_cam1_p.m.", "08", "PM"),
        ("gate_20260504_083000_PM_rear", "20", None),
        ("gate_20260504_083000_cam1_PM_rear", "08", "PM"),
        ("gate_20260504_123000_cam1_AM", "12", "AM"),
        ("gate_20260504_083000_cam1_AM", "08", None),
        ("gate_20260504_203000_cam1_PM", "20", None),
        ("gate_20260504_123000_cam1_am Tor", "12", None),
        ("gate_20260504_083000_PM10", "08", None),
        ("gate_20260504_083000_sensor PM 10", "08", None),
        ("PM_20260504_083000", "08", None),
        ("gate_20260504_083000_pump", "08", None),
    ],
)
def test_a_half_of_the_day_in_words_or_apart_from_the_time_is_read_or_asked_about(
    name: str, hour: str, doubt: str | None
) -> None:
    """They were passed over: the afternoon was twelve hours early."""
    for form in ("NFC", "NFD"):
        found = name_time(Path(f"{normalize(form, name)}.mp4"))
        assert found is not None
        assert (found.local[11:13], found.zone_name) == (hour, doubt)


@pytest.mark.parametrize(
    ("name", "local", "before"),
    [
        ("ch01_20260504083000", "2026-05-04T08:30:00", "ch01"),
        ("NVR_ch2_main_20260504083000_20260504090000", "2026-05-04T08:30:00", "NVR_ch2_main"),
        ("192.168.1.64_01_20260504083000123_1", "2026-05-04T08:30:00.123", "192.168.1.64_01"),
        ("DJI_20260504203000_0001_D", "2026-05-04T20:30:00", "DJI"),
    ],
)
def test_a_date_and_time_without_a_sign_between_are_read(name: str, local: str, before: str) -> None:
    """They were passed over for what the recorder wrote inside, often the time of an export."""
    assert name_time(Path(f"{name}.mp4")) == NameTime(local)
    assert name_before_time(Path(f"{name}.mp4")) == before


@pytest.mark.parametrize(
    "name", ["20261304083000", "20260504253000", "2026050408300012", "920260504083000", "PXL_20260504_183000123"]
)
def test_a_number_that_is_no_date_and_time_is_passed_over(name: str) -> None:
    assert name_time(Path(f"{name}.mp4")) is None


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("SN20190812101112_20260504_080000", LOCAL),
        ("20190812101112_20260504080000", LOCAL),
        ("export_20260601_101500_cam1_20260504_080000", LOCAL),
        ("Export 2026-06-01 10-15-00 gate 2026-05-04 08-00-00", LOCAL),
        ("gate_20260504080000_20260504090000", None),
        ("gate_20260504_080000_20260504_090000", None),
        ("gate_20260503235900123_20260504000400123", None),
        ("gate_20260504_080000 (copied 2026-06-01 10-15-00)", None),
        ("gate 2026-05-04 11-30-00 AM - 2026-05-04 01-30-00 PM", None),
        ("gate_20260504_080000_20260504_080000", None),
        ("gate_20260504080001012_20260504080000980", None),
        ("gate_20260504_080000_20260504_070000", "2026-05-04T07:00:00"),
        ("gate_20260504_080000_20261399_080000", None),
    ],
)
def test_of_two_times_the_first_may_be_a_serial_number_or_that_of_a_copy(name: str, other: str | None) -> None:
    """A serial number of 14 digits may be a time, too."""
    found = name_time(Path(f"{name}.mp4"))
    assert found is not None
    assert found.other == other
