from datetime import UTC, datetime, timedelta

import pytest

from index.learning.clocks import learn_clocks
from index.learning.file_clocks import lines_of_files, rate_of_files
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks, footage
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset, by_camera
from index.store.catalogue.footage import Footage
from tests.index.conftest import make_sighting
from tests.index.learning.test_clocks import ME

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)


def films(*starts_s: float, long_s: float = 600.0) -> list[Footage]:
    return [
        Footage(f"sha-{number}", f"{number}.mp4", "a", NINE + timedelta(seconds=start_s), long_s)
        for number, start_s in enumerate(starts_s)
    ]


@pytest.mark.parametrize(
    ("starts_s", "true_s"),
    [
        pytest.param((0, 720, 1440, 2160), 1.2, id="its frames say ten minutes of each twelve"),
        pytest.param((0, 504, 1008, 1512, 2016), 0.84, id="files overlap: it delivered more than it declared"),
        pytest.param((0, 720, 1440, 9000, 9720), 1.2, id="a long pause tells nothing"),
        pytest.param((0, 600, 1201, 1800), None, id="as long as they say"),
        pytest.param((0, 720, 1440), None, id="too few"),
        pytest.param((0, 660, 1400, 2150, 2770), None, id="pauses of any length"),
        pytest.param((), None, id="no files"),
    ],
)
def test_files_in_a_row_tell_how_long_a_second_was(starts_s: tuple[float, ...], true_s: float | None) -> None:
    found = rate_of_files(films(*starts_s))
    assert (found and round(found.true_s, 3)) == true_s


def test_each_file_is_right_where_it_starts_and_loses_from_there() -> None:
    first, *_, last = lines_of_files(films(0, 720, 1440, 2160))
    assert first.true_time(NINE) == NINE
    assert first.true_time(NINE + timedelta(seconds=600)) == NINE + timedelta(seconds=720)
    assert first.valid_to == NINE + timedelta(seconds=720)
    assert last.true_time(NINE + timedelta(seconds=2260)) == NINE + timedelta(seconds=2280)
    assert first.drift_low < first.drift < first.drift_high


def add_films(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
        for film in films(0, 720, 1440, 2160):
            footage.add(connection, film, at=NINE)
    archive.add(NewChunk(None, None, (make_sighting(0),)))


def test_an_archive_learns_it_by_itself(archive: Archive) -> None:
    add_films(archive)
    learn_clocks(archive, ME)
    with archive.catalogue.reading() as connection:
        (clock,) = by_camera(clocks.all_offsets(connection)).values()
    assert clock.ahead_s(NINE + timedelta(seconds=720 + 300)) == pytest.approx(-60.0)
    assert {one.source for one in clock.offsets} == {"files"}
    learn_clocks(archive, ME)
    with archive.catalogue.reading() as connection:
        assert tuple(clocks.all_offsets(connection)) == clock.offsets


def test_what_a_person_said_stays(archive: Archive) -> None:
    add_films(archive)
    said = ClockOffset("a", 3.0, 2.0, 4.0)
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, said)
    learn_clocks(archive, ME)
    with archive.catalogue.reading() as connection:
        assert clocks.all_offsets(connection) == [said]


@pytest.mark.parametrize("source", ["picture", "given"])
def test_what_was_kept_for_one_file_stays_when_the_others_are_learned_again(archive: Archive, source: str) -> None:
    add_films(archive)
    learn_clocks(archive, ME)
    start, end = NINE + timedelta(seconds=720), NINE + timedelta(seconds=1320)
    kept = ClockOffset("a", 7.0, 6.0, 8.0, start, end, source)
    with archive.catalogue.writing() as connection:
        clocks.insert_offset(connection, kept)
    learn_clocks(archive, ME)
    with archive.catalogue.reading() as connection:
        stored = clocks.of_camera(connection, "a")
    assert kept in stored
    (clock,) = by_camera(stored).values()
    assert clock.ahead_s(start + timedelta(seconds=100)) == 7.0
    assert clock.ahead_s(end + timedelta(seconds=420)) == pytest.approx(-60.0)
