"""A burnt-in clock is only believed when a person confirms it, and doubts about it are reported."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import start_time
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.ingest.start_time import ClockProposal, StartRule, find_start
from index.ingest.times import read_zone
from index.store.archive import Archive
from reid.clock.burnt_clock import BurntClock, NoClock
from reid.video.timeline import Timeline, read_timeline

START = datetime(2026, 5, 4, 8, 30, 0, 250_000)
ISO = BurntClock({"year first": START}, "2026-05-04 08:30:00", 8, 8, 0.02)
EITHER = replace(ISO, starts={"day first": START, "month first": START.replace(month=4, day=5)}, text="04/05/2026")
VIENNA = read_zone("Europe/Vienna")
QUICK = IngestOptions(detector="motion", plates=False, weights="histogram")


@pytest.fixture(scope="module")
def timeline(film_street: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return read_timeline(film_street(tmp_path_factory.mktemp("film") / "clip.mp4", [], 1.0))


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch) -> Callable[[BurntClock | NoClock], None]:
    def show(clock: BurntClock | NoClock) -> None:
        monkeypatch.setattr(start_time, "read_burnt_clock", lambda _: clock)

    return show


class Person:
    """Says yes or no, and remembers what was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.answer, self.asked = answer, list[ClockProposal]()

    def __call__(self, proposal: ClockProposal) -> bool:
        self.asked.append(proposal)
        return self.answer


def test_a_person_confirms_or_rejects_the_clock(timeline: Timeline, shows: Callable[..., None]) -> None:
    shows(ISO)
    person = Person()
    found = find_start(timeline.path, timeline, StartRule(VIENNA, person))
    assert found.time == datetime(2026, 5, 4, 6, 30, 0, 250_000, tzinfo=UTC)
    assert (found.source, found.doubts) == ("the clock in its picture", ())
    assert [asked.text for asked in person.asked] == ["2026-05-04 08:30:00"]
    with pytest.raises(ArchiveError, match="was not believed"):
        find_start(timeline.path, timeline, StartRule(VIENNA, Person(False)))


@pytest.mark.parametrize(
    ("text", "zone", "fits"),
    [
        ("2026-05-04 08:30:00 UTC", "Europe/Vienna", False),
        ("UTC 2026-05-04 08:30:00", "Europe/Vienna", False),
        ("2026-05-04T08:30:00Z", "Europe/Vienna", False),
        ("2026-05-04 08:30:00 +00:00", "Europe/Vienna", False),
        ("08:30:00 AM EST 04/05/2026", "Europe/Vienna", False),
        ("2026-05-04 08:30:00 CEST", "Z", False),
        ("CST 2026-05-04 08:30:00", "Europe/Vienna", False),
        ("2026-05-04 EST 08:30:00", "Europe/Vienna", False),
        ("2026-05-04 +08:00 08:30:00", "Europe/Vienna", False),
        ("2026-05-04 +08:00 08:30:00", "Asia/Shanghai", True),
        ("CST 2026-05-04 08:30:00", "Asia/Shanghai", True),
        ("2026-05-09 08:30:00 SAT", "Europe/Vienna", True),
        ("08:30:00 AM SAT 09-05-2026", "Europe/Vienna", True),
        ("2026-05-04 08:30:00 DEPOT", "Europe/Vienna", True),
        ("2026-05-04 08:30:00 UTC", "Z", True),
        ("2026-05-04 08:30:00 GMT+2", "Europe/Vienna", True),
        ("2026-05-04 08:30:00 CEST", "Europe/Vienna", True),
        ("2026-05-04 08:30:00 WEST GATE", "Europe/Vienna", True),
        ("CAM EAST 08:30:00 04-05-2026", "Europe/Vienna", True),
        ("cam/3 04/05/2026 08:30:00 AM", "Europe/Vienna", True),
    ],
)
def test_a_clock_that_names_its_zone_is_not_read_in_another(
    timeline: Timeline, shows: Callable[..., None], text: str, zone: str, fits: bool
) -> None:
    """A clock with UTC behind it was two hours early, without a word."""
    shows(replace(ISO, text=text))
    rule = StartRule(read_zone(zone), Person())
    if fits:
        assert find_start(timeline.path, timeline, rule).source == "the clock in its picture"
        return
    with pytest.raises(ArchiveError, match="is not that zone: give --zone"):
        find_start(timeline.path, timeline, rule)


def test_if_nobody_can_be_asked_the_error_gives_the_start_it_would_be(
    timeline: Timeline, shows: Callable[..., None]
) -> None:
    shows(ISO)
    with pytest.raises(ArchiveError, match=r"starts 2026-05-04T06:30:00.25.*add --accept-clock"):
        find_start(timeline.path, timeline, StartRule(VIENNA))
    with pytest.raises(ArchiveError, match="says 2026-05-04T08:30:00 but no zone"):
        find_start(timeline.path, timeline, StartRule(None, Person()))


def test_names_and_containers_come_first_unless_the_picture_is_chosen(
    timeline: Timeline, shows: Callable[..., None]
) -> None:
    shows(ISO)
    person = Person()
    named = timeline.path.with_name("20260504_093000.mp4")
    assert find_start(named, timeline, StartRule(VIENNA, person)).source == "the file's name"
    assert not person.asked
    found = find_start(named, timeline, StartRule(VIENNA, person, by_picture=True))
    assert found.source == "the clock in its picture"
    assert found.doubts == (
        "the file's name says 2026-05-04T07:30:00+00:00, 1:00:00 later, whole hours: is the zone right?",
    )
    created = replace(timeline, created=found.time + timedelta(minutes=7))
    (doubt,) = find_start(timeline.path, created, StartRule(VIENNA, person, by_picture=True)).doubts
    assert "creation time says" in doubt
    assert "0:07:00 later" in doubt


def test_an_ambiguous_date_is_refused_unless_the_name_decides(timeline: Timeline, shows: Callable[..., None]) -> None:
    shows(EITHER)
    with pytest.raises(ArchiveError, match=r"2026-05-04T06.*or 2026-04-05T06.*--start"):
        find_start(timeline.path, timeline, StartRule(VIENNA, Person()))
    named = timeline.path.with_name("20260405_083000.mp4")
    found = find_start(named, timeline, StartRule(VIENNA, Person(), by_picture=True))
    assert (found.time.month, found.doubts) == (4, ())


def test_nobody_is_asked_again_about_ingested_footage(
    archive: Archive, timeline: Timeline, shows: Callable[..., None]
) -> None:
    shows(ISO)
    person = Person()
    job = FootageJob(timeline.path, "a", rule=StartRule(VIENNA, person, by_picture=True))
    (first,) = ingest(archive, [job], local_person(), QUICK)
    (again,) = ingest(archive, [job], local_person(), QUICK)
    assert (first.status, again.status, len(person.asked)) == ("done", "known", 1)
    assert any("by the clock in its picture" in doubt for doubt in first.doubts)


def test_the_error_says_why_there_is_no_clock(timeline: Timeline, shows: Callable[..., None]) -> None:
    shows(NoClock("the clock in its picture stands still ('2026-05-04 08:30:00')"))
    with pytest.raises(ArchiveError, match=r"does not say when it starts.*stands still.*give --start TIME"):
        find_start(timeline.path, timeline, StartRule(VIENNA, Person()))
