"""A passage that its camera saw in pieces is one row of an answer, and no answer to a question about itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.records import NewSighting
from index.search.pieces import End
from index.search.search import search
from index.store.archive import Archive
from reid.vehicle import Box, TrackPoint
from tests.index.search.straight_street import NOON, make, others, seen

PIXELS_S = 80.0


def tracked(
    sighting: NewSighting,
    *,
    speed: float = PIXELS_S,
    at_noon: float = 0.0,
    y: float = 200.0,
    wide: float = 100.0,
) -> NewSighting:
    """Return it with a track at an even speed: at noon a vehicle of this speed is `at_noon` pixels from the left."""
    first_s, last_s = ((time - NOON).total_seconds() for time in (sighting.first, sighting.last))
    steps = [first_s + (last_s - first_s) * n / 8 for n in range(9)]
    boxes = [Box(at_noon + speed * time_s, y, wide, wide * 0.6) for time_s in steps]
    points = [TrackPoint(n, 1000 + s, box, 0.9) for n, (s, box) in enumerate(zip(steps, boxes, strict=True))]
    return replace(sighting, track=tuple(points))


FIRST = tracked(seen("first", "c3", 140, 0))
SECOND = tracked(seen("second", "c3", 142.6, 0))
"""Two tracks of two seconds each on one line; the camera lost the vehicle for 0.6 s."""


def ask(archive: Archive, sighting: str = "q") -> Ranking:
    return list(search(archive, Query(sighting=sighting, top=100), local_person()))[-1]


def rows(answer: Ranking) -> dict[str, tuple[str, ...]]:
    return {one.sighting.id: one.pieces for one in answer.candidates}


def test_a_passage_in_two_pieces_is_one_row_that_says_so(tmp_path: Path) -> None:
    with make(tmp_path, [seen("q", "c1", 0, 0), FIRST, SECOND, *others()]) as archive:
        answer = ask(archive)
    assert rows(answer).get("first", rows(answer).get("second")) in (("first",), ("second",))
    assert len({"first", "second"} & set(rows(answer))) == 1
    (told,) = [one for one in answer.candidates if one.pieces]
    assert "2 sightings are this passage" in told.why
    assert answer.likely == 1
    assert answer.itinerary is not None
    assert len({"first", "second"} & {stop.sighting for stop in answer.itinerary.stops}) == 1


def test_another_piece_of_the_passage_asked_about_is_no_answer(tmp_path: Path) -> None:
    with make(tmp_path, [FIRST, SECOND, *others()]) as archive:
        answers = [ask(archive, "first"), ask(archive, "second")]
    assert not {"first", "second"} & (set(rows(answers[0])) | set(rows(answers[1])))
    assert [answer.searched.own for answer in answers] == [2, 2]
    assert all((answer.nobody or 0.0) > 0.5 for answer in answers)


@pytest.mark.parametrize(
    "other",
    [
        tracked(seen("second", "c3", 146, 0)),
        tracked(seen("second", "c4", 142.6, 0)),
        tracked(seen("second", "c3", 142.6, 0), y=300),
        tracked(seen("second", "c3", 142.6, 0), at_noon=-150),
        tracked(seen("second", "c3", 142.6, 0), wide=220),
        tracked(seen("second", "c3", 142.6, 0), speed=-PIXELS_S, at_noon=2 * PIXELS_S * 141.3),
        tracked(seen("second", "c3", 142.6, 50)),
        seen("second", "c3", 142.6, 0),
        tracked(seen("second", "c3", 140.2, 0)),
    ],
    ids=["later", "elsewhere", "lane", "behind", "larger", "coming back", "other looks", "no track", "at once"],
)
def test_what_is_another_vehicle_keeps_its_row(tmp_path: Path, other: NewSighting) -> None:
    with make(tmp_path, [seen("q", "c1", 0, 0), FIRST, other, *others()]) as archive:
        answer = ask(archive)
    assert {"first", "second"} <= set(rows(answer))


def test_two_plates_that_surely_differ_are_two_vehicles(tmp_path: Path) -> None:
    plated = [
        tracked(seen("first", "c3", 140, 0, text="AB123C")),
        tracked(seen("second", "c3", 142.6, 0, text="XY789Z")),
    ]
    with make(tmp_path, [seen("q", "c1", 0, 0), *plated, *others()]) as archive:
        assert {"first", "second"} <= set(rows(ask(archive)))


def test_a_vehicle_that_waits_goes_on_where_it_stands() -> None:
    points = [TrackPoint(n, n / 10, Box(100, 100, 80, 40), 0.9) for n in range(20)]
    stands, drives = End.of(points, first=False), End.of(FIRST.track, first=True)
    assert stands.is_still
    assert stands.leads_to(End.of(points, first=True), 1.5)
    assert not stands.leads_to(drives, 1.5)


def test_the_end_of_a_track_of_one_point_is_still() -> None:
    point = TrackPoint(0, 0.0, Box(0, 0, 0, 0), 0.9)
    assert End.of([point], first=True).is_still
    assert End.of([point], first=True).leads_to(End.of([point], first=False), 0.0)
