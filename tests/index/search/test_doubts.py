"""Marks *yes* that contradict the question, and marks *no* without which an answer is another one: both are said."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.records import NewSighting
from index.search import question
from index.search.question import SearchOptions
from index.search.reasons import NOT_JOINED
from index.search.search import search
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from tests.index.search.straight_street import CAMERAS, NOON, TARGET, make, others, seen
from tests.index.search.test_stays import waiting
from ui.cli.documents import ranking_document
from ui.cli.lines import answer_lines, readable_time
from ui.web.headline import headline

PLATE = "AB123C"
OTHER = "KX77YZ"


def ask(
    folder: Path,
    sightings: Sequence[NewSighting],
    marks: Mapping[str, str],
    query: Query | None = None,
    options: SearchOptions | None = None,
) -> Ranking:
    with make(folder, [TARGET[0], *sightings, *others()]) as archive:
        with archive.catalogue.writing() as connection:
            cases.add(connection, Case("7", "hit and run", "local", NOON))
            for sighting, verdict in marks.items():
                cases.mark(connection, Mark("7", sighting, verdict, "local", NOON))
        *_, last = search(archive, query or Query(sighting="q", case="7", top=100), local_person(), options)
    return last


def said(ranking: Ranking) -> str:
    return "\n".join(answer_lines(ranking, Query(), 5))


def test_a_mark_yes_of_another_plate_than_the_one_asked_about_is_said(tmp_path: Path) -> None:
    """A case about two vehicles: the sightings of one were told as the way of the other, >99 %, and nothing said so."""
    other = (seen("other", "c3", 400, 60, text=OTHER, colour="blue"), seen("misread", "c5", 800, 0, text="AB128C"))
    (doubt,) = ask(tmp_path / "sighting", other, {"other": "yes", "misread": "yes"}).doubts[-1:]
    assert str(doubt) == (
        "marked yes in this case, but with a plate that differs from the one asked about: other. Are they two vehicles?"
    )
    asked = Query(plate=PLATE, camera="c1", time=NOON, case="7")
    doubts = ask(tmp_path / "plate", other, {"other": "yes"}, asked).doubts
    assert [str(one) for one in doubts][-1:] == [str(doubt)]
    assert ask(tmp_path / "no plate", [seen("plain", "c3", 400, 0)], {"plain": "yes"}).doubts == ()


def test_marks_of_two_plates_are_said(tmp_path: Path) -> None:
    """Minutes apart one vehicle can have made both; their plates say that it did not, and nothing said so."""
    two = (TARGET[1], seen("first", "c1", 300, 0, text=PLATE), seen("second", "c5", 900, 0, text=OTHER))
    of_no_plate = Query(sighting="w2", case="7", top=100)
    (doubt,) = ask(tmp_path / "two", two, {"first": "yes", "second": "yes"}, of_no_plate).doubts
    assert str(doubt) == "marked yes in this case, but with plates that differ: first, second. Are they two vehicles?"
    misread = (*two[:2], seen("second", "c5", 900, 0, text="AB128C"))
    assert ask(tmp_path / "misread", misread, {"first": "yes", "second": "yes"}, of_no_plate).doubts == ()


def test_marks_of_which_one_passes_elsewhere_while_the_other_stays_in_the_picture_are_said(tmp_path: Path) -> None:
    """Best picture from best picture the drive was easy, but it had not left: both >99 %, and nothing said so."""
    parked, elsewhere = waiting(seen("parked", "c2", 300, 0), after_s=1200.0), seen("elsewhere", "c4", 900, 0)
    (doubt,) = ask(tmp_path / "marks", (parked, elsewhere), {"parked": "yes", "elsewhere": "yes"}).doubts
    assert "no one vehicle can have made all of these: elsewhere, parked" in str(doubt)
    left = waiting(seen("parked", "c2", 300, 0), after_s=300.0)
    assert ask(tmp_path / "left", (left, elsewhere), {"parked": "yes", "elsewhere": "yes"}).doubts == ()


def test_a_mark_of_what_passes_elsewhere_while_the_one_asked_about_stays_is_said(tmp_path: Path) -> None:
    asked, elsewhere = waiting(seen("asked", "c1", 0, 0), after_s=1200.0), seen("elsewhere", "c4", 600, 0)
    query = Query(sighting="asked", case="7", top=100)
    (doubt,) = ask(tmp_path, (asked, elsewhere), {"elsewhere": "yes"}, query).doubts
    assert "no one vehicle can have made these and the passage asked about: elsewhere" in str(doubt)


@pytest.mark.parametrize(("slack_s", "is_said"), [(0.0, True), (600.0, False)])
def test_a_mark_yes_too_near_to_the_moment_asked_about_is_said(tmp_path: Path, slack_s: float, is_said: bool) -> None:
    """Without a map of its own roads the camera was searched, and the mark told as a stop of the way, >99 %."""
    near = seen("near", "c2", 20, 0, text=PLATE)
    asked = Query(sighting="q", time=NOON, slack_s=slack_s, case="7")
    doubts = [str(one) for one in ask(tmp_path, [near], {"near": "yes"}, asked).doubts]
    assert any("the passage asked about: near." in one for one in doubts) == is_said


def test_a_way_that_leaves_hardly_time_to_drive_is_said(tmp_path: Path) -> None:
    """A copied plate, the same moment at two cameras with right clocks: 99 % and 98 %, and nothing said so."""
    both = [seen("here", "c3", 300, 0, text=PLATE), seen("there", "c4", 300, 0, text=PLATE)]
    asked = Query(plate=PLATE, case="7", top=100)
    told = said(ask(tmp_path / "none", both, {}, asked))
    at = readable_time(NOON + timedelta(seconds=300))
    assert (
        f"Look at the way: by its way one vehicle made all of these, between which there is hardly time to drive: "
        f"c3 {at} (here), c4 {at} (there). Are they" in told
    )
    marked = ask(tmp_path / "marked", both, {"here": "yes", "there": "yes"}, asked)
    assert [str(one).partition(",")[0] for one in marked.doubts] == ["marked yes in this case"]
    later = [both[0], seen("there", "c4", 360, 0, text=PLATE)]
    assert ask(tmp_path / "later", later, {}, asked).doubts == ()


def test_a_mark_yes_on_the_passage_asked_about_is_no_doubt(tmp_path: Path) -> None:
    """It was called "not where and when this question looks"."""
    asked = Query(plate=PLATE, camera="c1", time=NOON + timedelta(seconds=0.5), case="7")
    assert ask(tmp_path, TARGET[1:], {"q": "yes"}, asked).doubts == ()


def test_what_its_case_marks_no_is_said_beside_an_answer_without_it(tmp_path: Path) -> None:
    """Its only sighting was marked no, for another vehicle of the case: "Probably not seen", and nothing said why."""
    ranking = ask(tmp_path, [seen("true", "c3", 140, 0, text=PLATE)], {"true": "no", "o01": "no"})
    assert ranking.searched.ruled_out == 2
    assert "'ruled_out': 2" in str(ranking_document(Query(), ranking)["searched"])
    assert ", but for 2 sightings that this case marks no." in said(ranking)
    assert "of 42 sightings, without 2 that this case marks no." in said(ranking)
    told = headline(ranking, UTC)
    assert told.belief.endswith(", but for 2 sightings that this case marks no")
    assert "without 2 that this case marks no" in told.basis


@pytest.mark.parametrize("asked", [{"plate": PLATE}, {"plate": "AB*"}, {"type": "car", "colour": "red"}])
def test_no_sighting_fits_but_for_those_that_the_case_marks_no(tmp_path: Path, asked: dict[str, str]) -> None:
    ranking = ask(tmp_path, (), {"q": "no"}, Query(**asked, case="7"))  # type: ignore[arg-type]
    assert ranking.candidates == ()
    assert "No sighting fits, but for 1 sighting that this case marks no." in said(ranking)
    assert headline(ranking, UTC).belief == "No sighting fits, but for 1 sighting that this case marks no"


def test_of_very_many_marks_yes_no_more_are_joined_than_a_way_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred took half a minute, each twice as many eight times as long, and their memory four times."""
    monkeypatch.setattr(question, "MOST_JOINED", 2)
    many = [seen(f"m{n}", CAMERAS[n % 5], 200.0 + 150 * n, 1 + n, text=PLATE) for n in range(5)]
    options = SearchOptions(story_candidates=1)
    ranking = ask(tmp_path, many, {one.id: "yes" for one in many}, options=options)
    sure = {one.sighting.id for one in ranking.candidates if (one.probability or 0.0) > 0.99}
    assert sure == {one.id for one in many}
    assert ranking.itinerary is not None
    stops = {stop.sighting for stop in ranking.itinerary.stops}
    assert {"m0", "m1"} <= stops
    assert len(stops - {"m0", "m1"}) <= 1
    assert [str(one) for one in ranking.doubts] == [NOT_JOINED.text]
