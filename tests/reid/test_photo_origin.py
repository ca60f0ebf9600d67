"""A photograph tells when and where it was taken, as far as its EXIF data are whole."""

import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures
from PIL.ExifTags import IFD, Base

from reid.photo_origin import PhotoOrigin, origin_of

VIENNA = {1: "N", 2: (48.0, 12.0, 29.52), 3: "E", 4: (16.0, 22.0, 25.68)}


def photo(*, taken: dict[int, Any] | None = None, gps: dict[int, Any] | None = None) -> bytes:
    exif = Pictures.Exif()
    exif.get_ifd(IFD.Exif).update(taken or {})
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    file = io.BytesIO()
    Pictures.new("RGB", (32, 32)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_time_zone_and_place_are_read() -> None:
    taken = {Base.DateTimeOriginal: "2026:05:04 10:00:08", Base.OffsetTimeOriginal: "+02:00"}
    origin = origin_of(photo(taken=taken, gps=VIENNA))
    assert origin.time == datetime(2026, 5, 4, 10, 0, 8, tzinfo=timezone(timedelta(hours=2)))
    assert origin.place == pytest.approx((48.2082, 16.3738), abs=1e-6)


def test_a_time_without_a_zone_has_none() -> None:
    origin = origin_of(photo(taken={Base.DateTimeOriginal: "2026:05:04 10:00:08"}))
    assert origin == PhotoOrigin(datetime(2026, 5, 4, 10, 0, 8))


def test_the_time_of_a_scan_or_a_change_is_not_told_as_that_of_the_photograph() -> None:
    exif, file = Pictures.Exif(), io.BytesIO()
    exif[Base.DateTime] = "2026:05:06 09:00:00"
    Pictures.new("RGB", (32, 32)).save(file, "JPEG", exif=exif)
    assert origin_of(file.getvalue()) == PhotoOrigin()


def test_south_and_west_are_negative() -> None:
    place = origin_of(photo(gps=VIENNA | {1: "S", 3: "W"})).place
    assert place == pytest.approx((-48.2082, -16.3738), abs=1e-6)


@pytest.mark.parametrize(
    ("taken", "gps"),
    [
        pytest.param({Base.DateTimeOriginal: "0000:00:00 00:00:00"}, {}, id="a clock that was never set"),
        pytest.param({Base.DateTimeOriginal: "<b>now</b>"}, {}, id="no time"),
        pytest.param({}, VIENNA | {2: (948.0, 0.0, 0.0)}, id="not on earth"),
        pytest.param({}, {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, id="no fix"),
        pytest.param({}, {2: (48.0, 1.0, 1.0)}, id="no longitude"),
        pytest.param({}, VIENNA | {3: "?"}, id="east or west is not told"),
        pytest.param({}, {2: VIENNA[2], 3: "E", 4: VIENNA[4]}, id="north or south is not told"),
    ],
)
def test_what_cannot_be_meant_is_left_out(taken: dict[int, Any], gps: dict[int, Any]) -> None:
    assert origin_of(photo(taken=taken, gps=gps)) == PhotoOrigin()


@given(st.data())
def test_damaged_data_tell_nothing_wrong(data: st.DataObject) -> None:
    whole = bytearray(photo(taken={Base.DateTimeOriginal: "2026:05:04 10:00:08"}, gps=VIENNA))
    for at in data.draw(st.lists(st.integers(0, 400), max_size=6)):
        whole[at % len(whole)] = data.draw(st.integers(0, 255))
    origin = origin_of(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert origin.place is None or (abs(origin.place[0]) <= 90 and abs(origin.place[1]) <= 180)


@pytest.mark.parametrize("year", ["0001", "1969", "9999"])
def test_a_year_of_no_photograph_tells_no_time(year: str) -> None:
    """Such a time cannot be told in another zone: it would break each page that shows the picture."""
    taken = {Base.DateTimeOriginal: f"{year}:01:01 00:00:00", Base.OffsetTimeOriginal: "+02:00"}
    assert origin_of(photo(taken=taken)).time is None
