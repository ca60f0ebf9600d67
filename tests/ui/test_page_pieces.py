"""The pieces of the page: cards, stories, maps and what is typed, without a browser."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from index.archive import Archive
from index.sighting import Candidate, Evidence, Gap, Itinerary, Look, Ranking, Searched, Sighting, Stage, Stop
from reid.vehicle import Box, Plate
from ui.web import story
from ui.web.cards import Setting, candidate_card
from ui.web.maps import MAX_ROADS, MapBase, answer_map, picker_map, roads_of
from ui.web.picture import Cut
from ui.web.place import read_point
from ui.web.theme import DARK, LIGHT
from ui.web.when import read_when

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


def sighting(id_: str = "s1", camera: str = "bridge", plate: str | None = None) -> Sighting:
    read = Plate(Box(0, 0, 9, 3), (), plate, 0.8) if plate else None
    look = Look({"car": 1.0}, {"red": 1.0})
    return Sighting(id_, camera, None, NOON, NOON, NOON, Box(0, 0, 9, 9), look, read, None, ())


def candidate(probability: float = 0.9, camera: str = "bridge", why: str = "looks the same") -> Candidate:
    return Candidate(sighting(f"at-{camera}", camera), NOON, probability, Evidence(3.0, None, -2.0, 0.0), why)


def test_a_card_shows_probability_place_time_and_why() -> None:
    card = candidate_card(1, candidate(), None, Setting(NOON - timedelta(minutes=7), VIENNA))
    for said in ("90 %", "bridge", "14:00:00", "CEST, UTC+02:00", "7 min later", "looks the same", "red car"):
        assert said in card


def test_missing_evidence_is_not_drawn_as_zero() -> None:
    card = candidate_card(1, candidate(), None, Setting(None, UTC))
    assert card.count('class="rt-none"') == 1
    assert card.count('class="rt-for"') == 2
    assert card.count('class="rt-against"') == 1


def test_what_a_camera_is_called_cannot_become_part_of_the_page() -> None:
    hostile = candidate(camera='<script>alert("x")</script>', why="<img src=//elsewhere>")
    card = candidate_card(1, hostile, None, Setting(None, UTC))
    assert "<script" not in card
    assert "<img" not in card


def test_a_read_plate_is_shown_with_how_sure_it_is() -> None:
    shown = Candidate(sighting(plate="KR-1<2"), NOON, 0.5, Evidence(), "")
    card = candidate_card(2, shown, b"jpeg", Setting(None, UTC))
    assert "KR-1&lt;2" in card
    assert "80 %" in card


def test_the_timeline_puts_the_question_in_its_place_in_time() -> None:
    stops = tuple(Stop(f"s{n}", camera, NOON + timedelta(minutes=n), 0.9) for n, camera in enumerate("abc"))
    asked = story.Asked("depot", NOON + timedelta(seconds=90))
    html = story.timeline(Itinerary(stops, 0.7), asked, {"s0": 1}, UTC)
    places = [html.index(f"<b>{place}</b>") for place in ("a", "b", "depot", "c")]
    assert places == sorted(places)


def test_the_timeline_names_the_asked_sighting_once() -> None:
    stops = (Stop("s0", "a", NOON, 1.0), Stop("s1", "b", NOON + timedelta(minutes=1), 0.9))
    html = story.timeline(Itinerary(stops, 0.7), story.Asked("a", NOON, "s0"), {}, UTC)
    assert html.count("<b>a</b>") == 1


def test_what_could_not_be_searched_is_said_by_camera() -> None:
    gaps = tuple(
        Gap(camera, NOON + timedelta(minutes=start), NOON + timedelta(minutes=start + 3), "no footage")
        for camera in "abcdefgh"
        for start in (0, 30)
    )
    html = story.searched(Searched(3, 40, 90, gaps), UTC)
    assert "40 sightings on 3 cameras compared, of 90" in html
    assert "<b>a</b> no footage 12:00:00 to 12:03:00, 12:30:00 to 12:33:00" in html
    assert "times in UTC" in html
    assert "and on 2 more cameras" in html


def test_a_search_without_gaps_says_that_too() -> None:
    assert "covers every place and time" in story.searched(Searched(3, 40, 90), UTC)


def test_a_step_that_is_not_known_here_is_shown_by_its_own_name() -> None:
    assert "sonar" in story.stages([Stage("sonar", 0.1, 1, 2)], finished=True)


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        pytest.param("14:00", NOON, id="minutes are enough"),
        pytest.param("14.00.07", NOON + timedelta(seconds=7), id="points"),
        pytest.param(" 9:05 ", datetime(2026, 5, 4, 7, 5, tzinfo=UTC), id="one digit"),
        pytest.param("", None, id="not known"),
    ],
)
def test_a_typed_time_is_of_the_named_zone(clock: str, utc: datetime | None) -> None:
    when = read_when(date(2026, 5, 4), clock, VIENNA)
    assert (when.moment, when.problem) == (utc, None)


@pytest.mark.parametrize("clock", ["25:00", "noon", "12:61", "8"])
def test_a_mistyped_time_says_how_to_write_it(clock: str) -> None:
    when = read_when(date(2026, 5, 4), clock, VIENNA)
    assert when.moment is None
    assert when.problem is not None
    assert "08:41:07" in when.problem


def test_a_point_is_read_in_the_order_latitude_longitude() -> None:
    assert read_point("48.2082, 16.3738") == (48.2082, 16.3738)
    assert read_point("-33.9;18.4") == (-33.9, 18.4)


@pytest.mark.parametrize("text", ["48.2", "48.2, 16.3, 2", "north, south", "148.2, 16.3", "nan, 3"])
def test_a_point_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="latitude"):
        read_point(text)


def test_a_cut_is_in_pixels_of_the_picture() -> None:
    box = Cut(0.25, 0.75, 0.5, 1.0).box(np.zeros((200, 400, 3), np.uint8))
    assert box == Box(100, 100, 200, 100)


def test_the_maps_draw_the_archives_own_roads_and_ask_nobody_for_tiles(small_archive: Archive) -> None:
    assert small_archive.places is not None
    roads = roads_of(small_archive.places.graph)
    cameras = {camera.id: (camera.lat, camera.lon) for camera in small_archive.place_book.cameras()}
    base = MapBase(roads, cameras)
    assert 0 < len(roads) <= min(MAX_ROADS, small_archive.places.graph.edges)
    ranking = Ranking((), (candidate(camera="bridge"), candidate(camera="nowhere")))
    for deck in (picker_map(base, LIGHT, chosen="mill", point=None), answer_map(base, ranking, DARK, asked=None)):
        drawn = json.loads(deck.to_json())
        assert drawn.get("mapStyle") in (None, "__MAP_STYLE__")
        assert "mapProvider" not in drawn
        assert "http" not in deck.to_json()


def test_a_large_network_is_drawn_in_fewer_points_but_no_road_loses_its_ends(
    small_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small_archive.places is not None
    whole = roads_of(small_archive.places.graph)
    monkeypatch.setattr("ui.web.maps.MAX_POINTS", 1)
    straight = roads_of(small_archive.places.graph)
    assert sum(len(road.path) for road in straight) < sum(len(road.path) for road in whole)
    assert [(road.path[0], road.path[-1]) for road in straight] == [(road.path[0], road.path[-1]) for road in whole]


def test_a_map_of_cameras_alone_is_still_a_map() -> None:
    base = MapBase((), {"bridge": (54.0, 6.0)})
    view = json.loads(answer_map(base, Ranking((), (candidate(),)), LIGHT, asked=(54.0, 6.0)).to_json())
    assert view["initialViewState"]["latitude"] == pytest.approx(54.0)
    assert 12 < view["initialViewState"]["zoom"] < 18
