"""What was searched is said no better than it was."""

from datetime import UTC, datetime, timedelta

import pytest

from index.answers import Gap, Ranking, Searched
from index.records import Window
from ui.web.stories import searched_rows

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
