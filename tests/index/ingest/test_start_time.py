from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.ingest.start_time import StartRule, check_pictures, doubt_of_change, find_start
from index.ingest.times import read_zone
from reid.clock.name_time import name_before_time
from reid.images import encode_jpeg
from reid.video.timeline import Timeline, read_timeline

RULE, VIENNA = StartRule(), read_zone("Europe/Vienna")


@pytest.fixture(scope="module")
def timeline(film_street: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return read_timeline(film_street(tmp_path_factory.mktemp("film") / "a.mp4", [], 0.5))


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("north_20260504_083000Z.mp4", 8),
        ("2026-05-04T08-30-00+0200.mkv", 6),
        ("cam3-2026.05.04_08.30.00-05:00.mp4", 13),
        ("20260504-083000.000Z-part2.ts", 8),
    ],
)
def test_a_name_with_a_zone_gives_the_start(timeline: Timeline, name: str, hour: int) -> None:
    assert find_start(Path(name), timeline, RULE).time == datetime(2026, 5, 4, hour, 30, tzinfo=UTC)


def test_the_recorders_time_is_used_if_the_name_has_none(timeline: Timeline) -> None:
    created = datetime(2026, 5, 4, 7, tzinfo=UTC)
    found = find_start(Path("clip.mp4"), replace(timeline, created=created), RULE)
    assert (found.time, found.source) == (created, "the recorder's creation time")


@pytest.mark.parametrize(
    ("created", "doubts"),
    [
        (datetime(2026, 5, 4, 8, 30, 20, tzinfo=UTC), 0),
        (datetime(2026, 5, 4, 5, tzinfo=UTC), 0),
        (datetime(2026, 5, 4, 14, tzinfo=UTC), 0),
        (datetime(2026, 5, 3, 20, 30, tzinfo=UTC), 0),
        (datetime(2026, 5, 4, 10, 30, tzinfo=UTC), 1),
    ],
)
def test_a_recorder_whose_time_a_zone_makes_that_of_the_name_is_believed(
    timeline: Timeline, created: datetime, doubts: int
) -> None:
    """Many cameras write their local time as if it were UTC: where both are the same, that is said."""
    found = find_start(Path("20260504_103000.mp4"), replace(timeline, created=created), RULE)
    assert (found.time, len(found.doubts)) == (created, doubts)


def test_a_recorder_that_may_have_written_the_end_is_doubted(timeline: Timeline) -> None:
    """Of an hour from half past ten on, half past nine of UTC is the start an hour from UTC, and the end two hours."""
    times_s = np.arange(0.0, 3600.0, 1.0)
    hour = replace(timeline, times_s=times_s, created=datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
    found = find_start(Path("20260504_103000.mp4"), hour, RULE)
    assert "if its recorder wrote when it ended, give --zone" in found.doubts[0]
    assert not find_start(Path("20260504_103000.mp4"), replace(hour, times_s=times_s / 3), RULE).doubts


@pytest.mark.parametrize(("minutes", "doubts"), [(0, 0), (1, 0), (15, 1), (5000, 1)])
def test_a_film_that_was_written_again_may_have_lost_its_beginning(
    timeline: Timeline, minutes: int, doubts: int
) -> None:
    filmed = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
    cut = replace(timeline, created=filmed, saved=filmed + timedelta(minutes=minutes))
    found = find_start(Path("IMG_0001.mov"), cut, RULE)
    assert (found.time, len(found.doubts)) == (filmed, doubts)


def test_a_name_with_two_times_of_which_one_is_no_start_is_asked_about(timeline: Timeline) -> None:
    for name in ("SN20190812101112_20260504_103000.mp4", "export_20260601101500Z_cam1_20260504103000.mp4"):
        for rule in (StartRule(VIENNA), RULE):
            with pytest.raises(ArchiveError, match="write only the time when it began into it; or give --start TIME"):
                find_start(Path(name), timeline, rule)


@pytest.mark.parametrize("created", [datetime(2026, 5, 6, 8, 30, tzinfo=UTC), datetime(2026, 5, 4, 8, 37, tzinfo=UTC)])
def test_a_recorder_that_no_zone_makes_agree_with_the_name_is_asked_about(
    timeline: Timeline, created: datetime
) -> None:
    """A clip that was exported two days later, or whose end was written, was taken at that time."""
    path, of_export = Path("20260504_103000.mp4"), replace(timeline, created=created)
    with pytest.raises(ArchiveError, match="which no zone makes the same: give --zone if the name is right"):
        find_start(path, of_export, RULE)
    eight = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    assert find_start(path, of_export, StartRule(VIENNA)).time == eight
    assert find_start(path, of_export, RULE, known=eight).time == eight


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("20260504_083000.mp4", "no zone"),
        ("20261304_083000Z.mp4", "is not a time"),
        ("clip.mp4", "does not say when it starts"),
    ],
)
def test_a_start_is_never_guessed(timeline: Timeline, name: str, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        find_start(Path(name), timeline, RULE)


def test_a_given_zone_applies_only_to_names_without_one(timeline: Timeline) -> None:
    vienna = read_zone("Europe/Vienna")
    assert find_start(Path("20260504_103000.mp4"), timeline, StartRule(vienna)).time == datetime(
        2026, 5, 4, 8, 30, tzinfo=UTC
    )
    assert find_start(Path("20260504_103000Z.mp4"), timeline, StartRule(vienna)).time == datetime(
        2026, 5, 4, 10, 30, tzinfo=UTC
    )


def test_the_text_before_the_time_names_the_camera() -> None:
    assert name_before_time(Path("north-gate_20260504_083000Z.mp4")) == "north-gate"
    assert name_before_time(Path("20260504_083000Z.mp4")) == name_before_time(Path("clip.mp4")) == ""


def test_a_recorders_time_without_a_zone_is_in_the_one_that_is_told(timeline: Timeline) -> None:
    """AVI has the local time of the recorder: it was taken for UTC, whatever --zone said."""
    of_avi = replace(timeline, created=datetime(2026, 5, 4, 10))
    found = find_start(Path("clip.avi"), of_avi, StartRule(read_zone("Europe/Vienna")))
    assert found.time == datetime(2026, 5, 4, 8, tzinfo=UTC)
    with pytest.raises(ArchiveError, match="its recorder wrote 2026-05-04T10:00:00 but no zone: give --zone"):
        find_start(Path("clip.avi"), of_avi, RULE)
    with pytest.raises(ArchiveError, match="clocks change"):
        find_start(Path("clip.avi"), replace(timeline, created=datetime(2026, 10, 25, 2, 30)), StartRule(VIENNA))


def start_of(pictures: Timeline) -> datetime:
    check_pictures(pictures, VIENNA)
    return find_start(pictures.path, pictures, StartRule(VIENNA)).time


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("20260329_013000", "20260329_031000"), "clocks change in Europe/Vienna between 20260329_013000.jpg and"),
        (("20261025_013000", "20261025_031000"), "clocks change in Europe/Vienna between 20261025_013000.jpg and"),
        (("20260504_100000_1_AM", "20260504_110000_2_PM"), "PM behind its time may be another word"),
        (("20260329_013000", "20260329_013000_b", "20260329_013001", "20260329_015959"), None),
        (("20260329_013000+0100", "20260329_031000+0200"), None),
    ],
)
def test_pictures_over_the_hour_when_clocks_change_are_no_footage(
    tmp_path: Path, names: tuple[str, ...], says: str | None
) -> None:
    """Those after the change were an hour late in spring, and an hour early in autumn."""
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(encode_jpeg(np.zeros((48, 64, 3), np.uint8)))
    pictures = read_timeline(tmp_path)
    if says is None:
        assert start_of(pictures) == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        return
    with pytest.raises(ArchiveError, match=says) as refused:
        start_of(pictures)
    assert "--start" not in str(refused.value)


@pytest.mark.parametrize(
    ("first", "last", "zone", "said"),
    [
        ("20260329_013000", "20260329_031000", None, True),
        ("20261020_100000", "20261030_100000", None, True),
        ("20260329_013000", "20260329_031000", VIENNA, False),
        ("20260329_013000Z", "20260329_031000Z", None, False),
        ("20260329_031000", "20260329_091000", None, False),
        ("20260503_013000", "20260503_031000", None, False),
        ("20261020_100000", "20261020_110000", None, False),
        ("one", "two", None, False),
        ("20261329_013000", "20261329_031000", None, False),
    ],
)
def test_pictures_over_a_night_in_which_clocks_may_be_changed_are_doubted_without_a_zone(
    timeline: Timeline, first: str, last: str, zone: tzinfo | None, said: bool
) -> None:
    pictures = replace(timeline, pictures=(Path(f"{first}.jpg"), Path("middle.jpg"), Path(f"{last}.jpg")))
    assert bool(doubt_of_change(pictures, zone)) == said
