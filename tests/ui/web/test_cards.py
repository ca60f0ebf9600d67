"""The card of a candidate."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from index.answers import Candidate, Evidence
from index.records import Sighting
from reid.vehicle import Attributes, Box, Plate
from ui.web.cards import CardContext, candidate_card

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


VIENNA = ZoneInfo("Europe/Vienna")


def sighting(id_: str = "s1", camera: str = "bridge", plate: str | None = None) -> Sighting:
    read = Plate(Box(0, 0, 9, 3), (), plate, 0.8) if plate else None
    look = Attributes({"car": 1.0}, {"red": 1.0})
    return Sighting(id_, camera, None, NOON, NOON, NOON, Box(0, 0, 9, 9), look, read, None, ())


def candidate(probability: float = 0.9, camera: str = "bridge", why: str = "looks the same") -> Candidate:
    return Candidate(sighting(f"at-{camera}", camera), NOON, probability, Evidence(3.0, None, -2.0, 0.0), why)


def test_a_card_shows_probability_place_time_and_why() -> None:
    card = candidate_card(1, candidate(), None, CardContext(NOON - timedelta(minutes=7), VIENNA))
    for text in ("90 %", "bridge", "14:00:00", "CEST, UTC+02:00", "7 min later", "looks the same", "red car"):
        assert text in card


def test_missing_evidence_is_not_drawn_as_zero() -> None:
    card = candidate_card(1, candidate(), None, CardContext(None, UTC))
    assert card.count('class="rt-none"') == 1
    assert card.count('class="rt-for"') == 2
    assert card.count('class="rt-against"') == 1


def test_what_a_camera_is_called_cannot_become_part_of_the_page() -> None:
    hostile = candidate(camera='<script>alert("x")</script>', why="<img src=//elsewhere>")
    card = candidate_card(1, hostile, None, CardContext(None, UTC))
    assert "<script" not in card
    assert "<img" not in card


def test_a_read_plate_is_shown_with_how_sure_it_is() -> None:
    shown = Candidate(sighting(plate="KR-1<2"), NOON, 0.5, Evidence(), "")
    card = candidate_card(2, shown, b"jpeg", CardContext(None, UTC))
    assert "KR-1&lt;2" in card
    assert "80 %" in card
