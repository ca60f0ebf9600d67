from datetime import UTC, datetime

import pytest

from index.ingest.times import TimeReader, UnreadableTimeError

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("20260504 11305", "%Y%m%d %H%M%S"),
        ("20260504 1000", "%Y%m%d %H%M%S"),
        ("04.05.2026 130", "%d.%m.%Y %H%M"),
        ("1112026 0830", "%d%m%Y %H%M"),
        ("4052026 08:30", "%d%m%Y %H:%M"),
    ],
)
def test_numbers_without_signs_between_that_lost_zeros_are_refused(text: str, layout: str) -> None:
    """11305 was half past eleven, where it is thirteen minutes past one."""
    with pytest.raises(UnreadableTimeError, match="fewer digits"):
        TimeReader(UTC, layout).read(text)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("4.5.2026 8:00", "%d.%m.%Y %H:%M"),
        ("4/5/26 8:0:0", "%d/%m/%y %H:%M:%S"),
        ("4.5.2026 080000", "%d.%m.%Y %H%M%S"),
        ("20260504080000123", "%Y%m%d%H%M%S%f"),
        ("20260504 080000.5", "%Y%m%d %H%M%S.%f"),
        ("20260504T080000Z", "%Y%m%dT%H%M%S%z"),
        ("20260504100000+0200", "%Y%m%d%H%M%S%z"),
        ("04MAY2026 0800", "%d%b%Y %H%M"),
        ("4 May 2026  08:00 am", "%d %B %Y %I:%M %p"),
        ("04052026  0800AM", "%d%m%Y %I%M%p"),
        ("Mon May  4 08:00:00 2026", "%c"),
        ("100% 20260504 0800", "100%% %Y%m%d %H%M"),
        ("2026124 0800", "%Y%j %H%M"),
    ],
)
def test_times_with_all_their_digits_are_read(text: str, layout: str) -> None:
    assert TimeReader(UTC, layout).read(text).replace(microsecond=0) == EIGHT
