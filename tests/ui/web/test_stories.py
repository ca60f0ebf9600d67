"""What was searched is said no better than it was."""

from datetime import UTC, datetime, timedelta

import pytest

from index.answers import Gap, Itinerary, Ranking, Searched, Stop
from index.records import Window
from ui.web.board_setting import BoardSetting
from ui.web.map_base import MapBase
from ui.web.stories import searched_rows, stop_rows, story_rows

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = (Window("north", NOON, NOON + timedelta(hours=1)),)
DARK = (Gap("north", NOON, NOON + timedelta(minutes=5), "no footage"),)


@pytest.mark.parametrize(
    ("searched", "cameras", "said"),
    [
        pytest.param(Searched(1, 9, 9, (), 9, HOUR), 1, ["There is footage of every searched camera"], id="all"),
        pytest.param(Searched(1, 9, 9, DARK, 9, HOUR), 1, ["Not seen does not mean not there"], id="a gap"),
        pytest.param(
            Searched(1, 9, 9, DARK, 9, HOUR),
            4,
            ["3 of 4 cameras could not be reached", "Not seen does not mean not there"],
            id="a gap, and cameras that are too far away",
        ),
        pytest.param(Searched(1, 9, 9), 4, [], id="no time was asked, so nobody knows what is missing"),
    ],
)
def test_that_there_is_footage_is_said_only_where_it_was_looked_up(
    searched: Searched, cameras: int, said: list[str]
) -> None:
    lines = searched_rows(Ranking((), (), searched=searched), UTC, cameras)["lines"]
    assert isinstance(lines, list)
    assert [line[: len(start)] for line, start in zip(lines[1:], said, strict=True)] == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        pytest.param((1, 3), ["13:00:00", "15:00:00"], id="one day"),
        pytest.param((11, 13), ["Mon 4 May 23:00:00", "Tue 5 May 01:00:00"], id="over midnight"),
        pytest.param((1, 25), ["Mon 4 May 13:00:00", "Tue 5 May 13:00:00"], id="a day later"),
    ],
)
def test_a_story_of_several_days_names_them(hours: tuple[int, int], said: list[str]) -> None:
    """The stop at 01:00 stood below that at 23:00, or two at 13:00, and none named its day."""
    stops = tuple(Stop(f"s{hour}", "north", NOON + timedelta(hours=hour), 0.9) for hour in hours)
    setting = BoardSetting("key", MapBase({}, {}), UTC)
    story = Itinerary(stops, 0.9)
    (row,) = story_rows(Ranking((), (), story), setting)
    assert [stop["when"] for stop in row["stops"]] == said
    assert [stop["clock"] for stop in stop_rows(story, setting)] == said


def test_stretches_that_are_not_listed_are_counted() -> None:
    """A camera with nine of them stood there with four, as if these were all."""
    gaps = [Gap("a", NOON + timedelta(hours=n), NOON + timedelta(hours=n, minutes=1), "no footage") for n in range(9)]
    gaps += [Gap(f"b{n:02}", NOON, NOON + timedelta(minutes=1), "no footage") for n in range(20)]
    found = searched_rows(Ranking((), (), searched=Searched(21, 0, 0, tuple(gaps), 0, HOUR)), UTC, 21)["gaps"]
    assert isinstance(found, list)
    assert found[0]["times"].endswith(", and 5 more")
    assert (len(found), found[-1]["cam"]) == (13, "and 9 more")
