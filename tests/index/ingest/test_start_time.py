from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.ingest.start_time import StartRule, find_start
from index.ingest.times import read_zone
from reid.clock.name_time import name_before_time
from reid.video.timeline import Timeline, read_timeline

RULE = StartRule()


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
