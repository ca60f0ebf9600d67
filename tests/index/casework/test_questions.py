import hashlib
import json

import numpy as np
import pytest

from index.access import audit
from index.access.cases import close_case, keep_pictures
from index.answers import Query
from index.casework.questions import REASON, ask_again, chosen_question, query_of, questions_of
from index.errors import ArchiveError
from index.search.question import SearchOptions
from index.search.search import search
from index.store.archive import Archive
from reid.images import encode_png
from tests.case_archive import CASE, FILMED, LOCAL
from tests.ui.conftest import EIGHT, painted


def test_a_question_is_found_as_it_was_asked(case_archive: Archive) -> None:
    (asked,) = questions_of(case_archive, LOCAL, CASE)
    assert asked.query == Query(sighting=FILMED, case=CASE, reason="Who drove off?", top=5, horizon_s=1800.0)
    assert asked.entry.reason == "Who drove off?"


def test_every_field_survives_the_audit(case_archive: Archive) -> None:
    area = {"type": "Polygon", "coordinates": [[[6.0, 54.0], [7.0, 54.0], [7.0, 55.0], [6.0, 54.0]]]}
    query = Query(
        plate="KR*",
        type="car",
        colour="red",
        place=(54.19, 6.6),
        radius_m=300.0,
        time=EIGHT,
        slack_s=20.0,
        direction="after",
        horizon_s=900.0,
        at=EIGHT,
        cameras=("bridge", "mill"),
        area=area,
        top=7,
        reason="why",
        case=CASE,
    )
    *_, _ = search(case_archive, query, LOCAL)
    asked = questions_of(case_archive, LOCAL, CASE)[-1]
    assert asked.query == query


def test_a_question_that_was_asked_with_unusual_settings_can_be_asked_again(case_archive: Archive) -> None:
    """The report said that it was asked by another version of the program, and gave no answer."""
    *_, _ = search(case_archive, Query(sighting=FILMED, case=CASE), LOCAL, SearchOptions(slack=2))
    asked = questions_of(case_archive, LOCAL, CASE)[-1]
    assert asked.why_not is None
    answered = ask_again(case_archive, LOCAL, asked, SearchOptions(slack=2))
    assert answered.alone.settings == ("slack = 2 (else 1.3)",)


def test_of_a_large_area_the_audit_keeps_hash_and_bounds(case_archive: Archive) -> None:
    """Each question with a map of a country as its area added all of it to a chain that is never shortened."""
    turns = np.linspace(0, 2 * np.pi, 5000)
    ring = [
        [round(6.5 + 0.5 * x, 9), round(54.5 + 0.5 * y, 9)] for x, y in zip(np.cos(turns), np.sin(turns), strict=True)
    ]
    area = {"type": "Polygon", "coordinates": [[*ring[:-1], ring[0]]]}
    *_, _ = search(case_archive, Query(sighting=FILMED, area=area, case=CASE), LOCAL)
    asked = questions_of(case_archive, LOCAL, CASE)[-1]
    kept = asked.entry.detail["area"]
    assert len(json.dumps(kept)) < 300
    assert kept["area_sha256"] == hashlib.sha256(json.dumps(area, sort_keys=True).encode()).hexdigest()
    assert kept["bounds"] == pytest.approx([6.0, 54.0, 7.0, 55.0], abs=1e-5)
    assert asked.query is None
    assert "too large to be kept" in str(asked.why_not)


def test_pictures_come_back_pixel_for_pixel_if_they_were_kept(case_archive: Archive) -> None:
    picture = painted("blue", seed=4)
    query = Query(pictures=(picture,), case=CASE)
    *_, _ = search(case_archive, query, LOCAL)
    unkept = questions_of(case_archive, LOCAL, CASE)[-1]
    assert unkept.query is None
    assert unkept.why_not is not None
    assert "were not kept with the case" in unkept.why_not
    keep_pictures(case_archive, LOCAL, CASE, [picture, picture])
    kept = questions_of(case_archive, LOCAL, CASE)[-1]
    assert kept.query is not None
    assert (kept.query.pictures[0] == picture).all()


def test_equal_questions_come_once_and_those_of_reports_not_at_all(case_archive: Archive) -> None:
    (asked,) = questions_of(case_archive, LOCAL, CASE)
    assert asked.query is not None
    *_, _ = search(case_archive, asked.query, LOCAL)
    ask_again(case_archive, LOCAL, asked, SearchOptions())
    (again,) = questions_of(case_archive, LOCAL, CASE)
    assert len(again.others) == 1
    rows = [entry for entry in audit.entries(case_archive, LOCAL) if (entry.reason or "").startswith(REASON)]
    assert [entry.case for entry in rows] == [None, CASE]


def test_the_answer_alone_knows_no_mark(case_archive: Archive) -> None:
    (asked,) = questions_of(case_archive, LOCAL, CASE)
    answer = ask_again(case_archive, LOCAL, asked, SearchOptions())
    alone = {one.sighting.id: one for one in answer.alone.candidates}
    marked = {one.sighting.id: one for one in answer.marked.candidates}
    assert marked["red-harbour"].why == "confirmed by a person"
    assert alone["red-harbour"].why != "confirmed by a person"
    assert "blue-harbour" in alone
    assert "blue-harbour" not in marked


def test_the_question_of_a_row_can_be_chosen(case_archive: Archive) -> None:
    *_, _ = search(case_archive, Query(sighting="red-mill", case=CASE), LOCAL)
    first, last = questions_of(case_archive, LOCAL, CASE)
    assert chosen_question([first, last], None) is last
    *_, _ = search(case_archive, Query(type="car", case=CASE), LOCAL)
    *_, described = questions_of(case_archive, LOCAL, CASE)
    assert chosen_question([first, last, described], None) is last
    assert chosen_question([described], None) is described
    assert chosen_question([first, last], first.entry.number) is first
    with pytest.raises(ArchiveError, match=f"is no question of this case: its questions are {first.entry.number}, "):
        chosen_question([first, last], 1)
    assert chosen_question([], None) is None


def test_what_is_asked_after_a_case_was_closed_does_not_become_its_question(case_archive: Archive) -> None:
    """Its report told another vehicle's way from then on."""
    (before,) = questions_of(case_archive, LOCAL, CASE)
    closed = close_case(case_archive, LOCAL, CASE)
    *_, _ = search(case_archive, Query(plate="KX77YZ", case=CASE), LOCAL)
    asked = questions_of(case_archive, LOCAL, CASE)
    assert chosen_question(asked, None, closed.closed_at) == before
    assert chosen_question(asked[1:], None, closed.closed_at) == asked[1]
    assert chosen_question(asked, None) == asked[1]


def test_what_cannot_be_asked_again_says_why(case_archive: Archive) -> None:
    audit.record(case_archive, LOCAL, "search", {"type": "car", "smell": "diesel"}, case=CASE)
    asked = questions_of(case_archive, LOCAL, CASE)
    assert asked[-1].query is None
    with pytest.raises(ArchiveError, match="another version of the program, with smell"):
        chosen_question(asked, asked[-1].entry.number)
    with pytest.raises(ArchiveError, match="another version"):
        ask_again(case_archive, LOCAL, asked[-1], SearchOptions())
    assert chosen_question(asked, None) is asked[0]


def test_a_detail_from_json_gives_the_same_query() -> None:
    picture = np.full((4, 5, 3), 7, np.uint8)
    detail = json.loads(json.dumps({"pictures": ["abc"], "cameras": ["a"], "time": EIGHT.isoformat(), "top": 3}))
    query = query_of(detail, {"abc": encode_png(picture)})
    assert query.cameras == ("a",)
    assert query.time == EIGHT
    assert (query.pictures[0] == picture).all()


def test_a_question_about_a_sighting_that_was_forgotten_is_not_asked_again(case_archive: Archive) -> None:
    """Its report is made without an answer; before, there was no report of such a case any more."""
    case_archive.forget([FILMED])
    (asked,) = questions_of(case_archive, LOCAL, CASE)
    assert asked.query is None
    assert "no longer in the archive" in (asked.why_not or "")
    assert chosen_question([asked], None) is None
