"""The progressive search over a real archive: a straight street with five cameras, and what drives on it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.access import audit
from index.access.permissions import NotAllowedError, local_person
from index.answers import Query, Ranking
from index.errors import ArchiveError
from index.map.places import current_places
from index.search import question
from index.search.calibration import ANY_MODEL, AppearanceScale, Calibration, EvidenceWeights, FittedOn
from index.search.measured import measure
from index.search.question import SearchOptions
from index.search.search import STAGES, search
from index.search.travel import travel_llr
from index.store.archive import Archive
from index.store.catalogue import cases, clocks
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.people import Person
from roadgraph.area import road_km_in
from tests.index.search.straight_street import BLOCK_DEG, BLOCK_S, CAMERAS, LAT, LON, NOON, TARGET, make, others, seen

CALIBRATION = Calibration(
    looks={
        "looks-1": AppearanceScale(usual=0.0, spread=0.15, bias=-1.5, per_similarity=0.0, per_z_score=1.5, limit=6.0),
        ANY_MODEL: AppearanceScale(usual=0.5, spread=0.2, bias=-1.0, per_similarity=0.0, per_z_score=1.0, limit=3.0),
    },
    weights=EvidenceWeights(appearance=1.0, plate=0.7, travel=0.9, direction=0.5),
    drives=1.0,
    errands_per_hour=3.0,
    origin=FittedOn("2026-05-04", (1,), 1, 2, 1),
)
"""The tests say what the search does with a calibration, not which one is shipped."""


@pytest.fixture(autouse=True)
def calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "packaged_calibration", lambda: CALIBRATION)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with make(tmp_path, [*TARGET, *others()]) as made:
        yield made


def compare_clocks(archive: Archive) -> None:
    """Write down that all clocks are right."""
    with archive.catalogue.writing() as connection:
        for camera in CAMERAS:
            clocks.set_offset(connection, ClockOffset(camera, 0.0, 0.0, 0.0))


def ask(archive: Archive, query: Query, options: SearchOptions | None = None) -> Ranking:
    *_, last = search(archive, query, local_person(), options)
    return last


def ids(ranking: Ranking) -> list[str]:
    return [candidate.sighting.id for candidate in ranking.candidates]


def test_the_passages_of_the_vehicle_come_first_and_make_its_itinerary(archive: Archive) -> None:
    ranking = ask(archive, Query(sighting="q"))
    assert set(ids(ranking)[:3]) == {"w2", "w3", "w5"}
    assert ranking.itinerary is not None
    assert [stop.sighting for stop in ranking.itinerary.stops] == ["w2", "w3", "w5"]
    assert all(candidate.probability > 0.5 for candidate in ranking.candidates[:3])


def test_the_order_has_all_that_were_weighed_however_few_are_shown(archive: Archive) -> None:
    whole, two = ask(archive, Query(sighting="q", top=1000)), ask(archive, Query(sighting="q", top=2))
    assert two.order == whole.order == tuple(ids(whole))
    assert ids(two) == ids(whole)[:2]
    assert len(whole.order) > 10


def test_each_step_has_its_ranking_and_the_story_comes_last(archive: Archive) -> None:
    rankings = list(search(archive, Query(sighting="q"), local_person()))
    assert tuple(stage.name for stage in rankings[-1].stages) == STAGES
    assert [len(ranking.stages) for ranking in rankings] == [1, 2, 3, 4, 5, 6]
    assert rankings[0].candidates == ()
    assert [ranking.itinerary is None for ranking in rankings] == [True] * 5 + [False]


def test_a_plate_that_no_sighting_has_is_answered_with_nobody(archive: Archive) -> None:
    ranking = ask(archive, Query(plate="ZZ99999"))
    assert ranking.candidates == ()
    assert len(ranking.stages) == len(STAGES)


def test_the_same_question_has_the_same_answer_and_ties_stand_by_id(archive: Archive) -> None:
    query = Query(sighting="q", top=100)
    first, second = ask(archive, query), ask(archive, query)
    assert first.candidates == second.candidates
    order = [(-candidate.probability, candidate.sighting.id) for candidate in first.candidates]
    assert order == sorted(order)


def test_the_sighting_asked_about_is_no_answer_but_its_camera_is_searched(archive: Archive) -> None:
    found = ask(archive, Query(sighting="q", top=100))
    assert "q" not in ids(found)
    assert any(candidate.sighting.camera == "c1" for candidate in found.candidates)


def test_what_nobody_can_have_reached_is_pruned_and_without_pruning_ranked_last(tmp_path: Path) -> None:
    hasty = seen("hasty", "c5", 20, 0)
    with make(tmp_path, [*TARGET, hasty]) as archive:
        assert "hasty" not in ids(ask(archive, Query(sighting="q")))
        unpruned = ask(archive, Query(sighting="q"), SearchOptions(prune=False))
        assert ids(unpruned)[-1] == "hasty"
        assert unpruned.candidates[-1].probability < 0.01


def test_by_clocks_that_are_known_an_itinerary_is_never_in_two_places_at_once(tmp_path: Path) -> None:
    others_alike = [seen(f"t{n:02}", CAMERAS[n % 5], 40.0 + 17 * n, 0) for n in range(30)]
    with make(tmp_path, [*TARGET, *others_alike]) as archive:
        compare_clocks(archive)
        ranking = ask(archive, Query(sighting="q"))
    assert ranking.itinerary is not None
    for story in (ranking.itinerary, *ranking.alternatives):
        for before, after in pairwise(story.stops):
            blocks = abs(CAMERAS.index(before.camera) - CAMERAS.index(after.camera))
            assert (after.time - before.time).total_seconds() >= blocks * BLOCK_S / 1.3


def test_a_clock_that_nobody_compared_does_not_hide_the_vehicle(tmp_path: Path) -> None:
    """The clock of c3 is a minute and a half behind: by it the vehicle was there before it had passed c2."""
    behind = [seen("q", "c1", 0, 0), seen("w3", "c3", 140 - 90, 0)]
    with make(tmp_path / "doubted", [*behind, *others()]) as archive:
        assert ids(ask(archive, Query(sighting="q")))[0] == "w3"
        assert ask(archive, Query(sighting="q")).candidates[0].probability > 0.5
    with make(tmp_path / "known", [*behind, *others()]) as archive:
        compare_clocks(archive)
        found = {one.sighting.id: one.probability for one in ask(archive, Query(sighting="q", top=100)).candidates}
        assert found.get("w3", 0.0) < 0.01


def test_without_a_map_the_search_still_answers(tmp_path: Path) -> None:
    with make(tmp_path, [*TARGET, *others()], roads=False) as archive:
        ranking = ask(archive, Query(sighting="q"))
    assert {"w2", "w3", "w5"} <= set(ids(ranking)[:8])
    assert ranking.rests_on is not None
    assert ranking.rests_on.words == "no road map: times from straight-line distance"
    assert all(candidate.evidence.travel is not None for candidate in ranking.candidates)
    assert ranking.searched.cameras == 5


def test_a_picture_alone_searches_the_whole_archive(archive: Archive) -> None:
    ranking = ask(archive, Query(plate="AB123C"))
    assert set(ids(ranking)[:2]) == {"q", "w3"}
    assert ranking.searched.inside == ranking.searched.of == 44
    assert ranking.area_now is None


def test_a_plate_with_one_misread_character_is_found_among_more_than_can_be_fetched(archive: Archive) -> None:
    ranking = ask(archive, Query(plate="AB128C"), SearchOptions(shortlist=3))
    assert set(ids(ranking)) == {"q", "w3"}


def test_type_and_colour_alone_rank_by_what_the_picture_shows(archive: Archive) -> None:
    ranking = ask(archive, Query(type="car", colour="red", camera="c1", time=NOON))
    assert {candidate.sighting.attributes.colour for candidate in ranking.candidates[:4]} == {"red"}
    assert "q" in ids(ranking)[:4]


def test_a_clock_that_is_ahead_shifts_the_window_and_the_time_shown(tmp_path: Path) -> None:
    ahead_s = 3600.0
    late = seen("late", "c2", 70 + ahead_s, 0)
    with make(tmp_path, [TARGET[0], late]) as archive:
        assert ids(ask(archive, Query(sighting="q"))) == []
        with archive.catalogue.writing() as connection:
            clocks.set_offset(connection, ClockOffset("c2", ahead_s, ahead_s - 1, ahead_s + 1))
        ranking = ask(archive, Query(sighting="q"))
    assert ids(ranking) == ["late"]
    assert ranking.candidates[0].time == NOON + timedelta(seconds=70)


def test_only_the_cameras_asked_for_are_searched(archive: Archive) -> None:
    ranking = ask(archive, Query(sighting="q", cameras=("c3",), top=100))
    assert {candidate.sighting.camera for candidate in ranking.candidates} == {"c3"}
    assert ranking.searched.cameras == 1


def test_only_the_drawn_area_is_searched(archive: Archive) -> None:
    west, east = LON + BLOCK_DEG, LON + 3 * BLOCK_DEG
    ring = [[west, LAT - 1], [east, LAT - 1], [east, LAT + 1], [west, LAT + 1], [west, LAT - 1]]
    ranking = ask(archive, Query(sighting="q", area={"type": "Polygon", "coordinates": [ring]}, top=100))
    assert {candidate.sighting.camera for candidate in ranking.candidates} == {"c1", "c2"}


def test_an_unknown_camera_is_refused_with_the_near_ones(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match=r"no camera 'c9'.*did you mean c1, c2"):
        search(archive, Query(camera="c9", time=NOON), local_person())


def test_an_unknown_sighting_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no sighting 'nothing'"):
        search(archive, Query(sighting="nothing"), local_person())


def test_the_audit_has_the_question_before_the_first_ranking_is_taken(archive: Archive) -> None:
    search(archive, Query(sighting="q", reason="hit and run"), local_person())
    (entry,) = audit.entries(archive, local_person())
    assert (entry.action, entry.reason) == ("search", "hit and run")


def test_who_may_not_search_is_refused_at_once(archive: Archive) -> None:
    with pytest.raises(NotAllowedError, match="may not search"):
        search(archive, Query(sighting="q"), Person("guest", "viewer"))
    assert list(audit.entries(archive, local_person())) == []


def test_what_was_not_filmed_is_told_as_a_gap(archive: Archive) -> None:
    gaps = ask(archive, Query(sighting="q", direction="after")).searched.gaps
    assert {gap.camera for gap in gaps} == {"c5"}
    assert {gap.why for gap in gaps} == {"no footage"}


def test_the_area_now_starts_from_the_last_stop(archive: Archive) -> None:
    soon = ask(archive, Query(sighting="q", at=NOON + timedelta(seconds=300)))
    later = ask(archive, Query(sighting="q", at=NOON + timedelta(seconds=380)))
    assert soon.area_now is not None
    assert later.area_now is not None
    east = [max(point[0] for ring in _rings(area) for point in ring) for area in (soon.area_now, later.area_now)]
    camera = LON + BLOCK_DEG * 5.5
    assert camera < east[0] < east[1]
    assert min(point[0] for ring in _rings(soon.area_now) for point in ring) > LON + BLOCK_DEG * 4


def test_the_likely_area_is_smaller_than_all_that_can_be_reached(archive: Archive) -> None:
    ranking = ask(archive, Query(sighting="q", at=NOON + timedelta(seconds=420)))
    assert ranking.area_now is not None
    assert ranking.area_likely is not None
    assert ranking.area_likely.probability == SearchOptions().likely_probability
    places = current_places(archive)
    assert places.graph is not None
    likely_km, reachable_km = (road_km_in(places.graph, area) for area in (ranking.area_likely.area, ranking.area_now))
    assert ranking.area_likely.km == pytest.approx(likely_km, rel=0.05)
    assert 1 < likely_km < 0.9 * reachable_km


def test_the_route_follows_the_road_past_the_stops(archive: Archive) -> None:
    itinerary = ask(archive, Query(sighting="q")).itinerary
    assert itinerary is not None
    longitudes = [lon for lon, _ in itinerary.route]
    assert longitudes == sorted(longitudes)
    assert longitudes[-1] - longitudes[0] == pytest.approx(4 * BLOCK_DEG, rel=0.05)


def test_a_caller_who_shows_no_map_gets_the_same_answer_without_the_route(archive: Archive) -> None:
    query = Query(sighting="q")
    drawn, told = ask(archive, query), ask(archive, query, SearchOptions(route=False))
    assert drawn.itinerary is not None
    assert len(drawn.itinerary.route) > 1
    assert told.itinerary == replace(drawn.itinerary, route=())
    assert told.settings == drawn.settings
    assert told.candidates == drawn.candidates


def test_a_no_is_left_out_and_a_yes_is_in_the_story(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cases.add(connection, Case("17", "hit and run", "local", NOON))
        for sighting, verdict in (("w2", "no"), ("w5", "yes")):
            cases.mark(connection, Mark("17", sighting, verdict, "local", NOON))
    ranking = ask(archive, Query(sighting="q", case="17", top=100))
    assert "w2" not in ids(ranking)
    assert ranking.itinerary is not None
    assert "w5" in [stop.sighting for stop in ranking.itinerary.stops]
    assert next(c.why for c in ranking.candidates if c.sighting.id == "w5") == "confirmed by a person"


def test_measured_evidence_is_that_of_the_ranking(archive: Archive) -> None:
    measured = measure(archive, Query(sighting="q"), local_person())
    *_, travel, _, _ = search(archive, Query(sighting="q", top=1000), local_person())
    by_id = {candidate.sighting.id: candidate.evidence for candidate in travel.candidates}
    assert set(measured.ids) == set(by_id)
    arrival = travel_llr(measured.drive, measured.possible, CALIBRATION.drive_share(measured.window_s))
    for row, id_ in enumerate(measured.ids):
        told = by_id[id_].travel
        assert arrival[row] == told or (told is None and np.isnan(arrival[row]))


def test_a_question_later_than_all_footage_finds_nothing_and_says_so(archive: Archive) -> None:
    ranking = ask(archive, Query(plate="AB123C", camera="c1", time=NOON + timedelta(days=2)))
    assert ranking.candidates == ()
    assert ranking.searched.inside == 0
    assert ranking.searched.nobody_looked
    assert (ranking.itinerary, ranking.nobody) == (None, None)


def _rings(area: object) -> list[list[list[float]]]:
    assert isinstance(area, dict)
    return [ring for polygon in area["coordinates"] for ring in polygon]


def test_each_part_of_a_search_can_be_left_out_and_an_unknown_one_is_refused(archive: Archive) -> None:
    query = Query(sighting="q", top=50)
    whole = ask(archive, query)
    for part in ("looks", "travel", "prior", "story"):
        less = ask(archive, query, SearchOptions(without=frozenset((part,))))
        assert {one.sighting.id for one in less.candidates} == {one.sighting.id for one in whole.candidates}
        assert [one.probability for one in less.candidates] != [one.probability for one in whole.candidates], part
    with pytest.raises(ArchiveError, match=r"no part 'luck'.*looks"):
        SearchOptions(without=frozenset(("luck",)))


def test_another_calibration_is_used_in_place_of_the_packaged_one(archive: Archive) -> None:
    rarer = replace(CALIBRATION, drives=0.1, errands_per_hour=0.3)
    usual, less = (ask(archive, Query(sighting="q"), SearchOptions(calibration=one)) for one in (None, rarer))
    assert SearchOptions(calibration=rarer).changed == ("another calibration",)
    assert (less.nobody or 0.0) > (usual.nobody or 0.0)
    assert (less.candidates[0].probability or 0.0) < (usual.candidates[0].probability or 0.0)


def test_without_what_is_known_of_clocks_every_clock_is_taken_as_true(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset(CAMERAS[1], 40.0, 39.0, 41.0))
    query = Query(sighting="q", top=50)
    known, less = (ask(archive, query, SearchOptions(without=frozenset(parts))) for parts in ((), ("clocks",)))
    own = {one.sighting.id: one.time - one.sighting.best for one in known.candidates}
    assert set(own.values()) == {timedelta(0), timedelta(seconds=-40)}
    assert all(one.time == one.sighting.best for one in less.candidates)


def test_two_sightings_of_a_vehicle_that_only_looks_alike_do_not_vouch_for_each_other(tmp_path: Path) -> None:
    """From c2 to c3 it drives just as the vehicle asked about would, ten minutes after that one."""
    alike, alone = seen("l2", "c2", 660, 0), seen("l2", "c2", 660, 50)
    found = []
    for number, first in enumerate((alike, alone)):
        with make(tmp_path / str(number), [*TARGET, first, seen("l3", "c3", 730, 0), *others()]) as archive:
            ranking = ask(archive, Query(sighting="q", top=100))
        found.append(next(one.probability for one in ranking.candidates if one.sighting.id == "l3"))
    assert found[0] <= found[1] + 0.01


def test_that_nobody_saw_it_is_weighed_with_the_story(archive: Archive, tmp_path: Path) -> None:
    nobody = [ranking.nobody for ranking in search(archive, Query(sighting="q"), local_person())]
    assert nobody[:-1] == [None] * 5
    with make(tmp_path / "alone", [TARGET[0], *others()]) as alone:
        unseen = ask(alone, Query(sighting="q")).nobody
    assert unseen is not None
    assert nobody[-1] is not None
    assert nobody[-1] < 0.01 < 0.3 < unseen
