from datetime import timedelta

import pytest

from index.answers import Gap
from index.simulation.answer_score import Answer
from index.simulation.gap_score import gap_figures, names
from index.simulation.match_archive import CityTruth
from index.simulation.questions import draw_gap_questions
from index.simulation.truth import TrueMiss
from tests.index.simulation.city_passages import FOUND, MATCHES, PASSAGES, START, known_sightings

MISS = TrueMiss("v2", "A", START + timedelta(minutes=6))
TRUTH = CityTruth({}, tuple(PASSAGES), {"A": 60.0, "B": 0.0}, missed=(MISS,))
(QUESTION,) = draw_gap_questions(known_sightings(FOUND), PASSAGES, n=1, seed=0, missed=[MISS])


def gap(camera: str, first_minute: float, last_minute: float) -> Gap:
    return Gap(camera, START + timedelta(minutes=first_minute), START + timedelta(minutes=last_minute), "no footage")


@pytest.mark.parametrize(
    ("told", "is_named"),
    [
        ([gap("A", 6.5, 8)], True),
        ([gap("B", 0, 1), gap("A", 6.5, 8)], True),
        ([gap("A", 5.5, 6.5)], False),
        ([gap("B", 5, 8)], False),
        ([], False),
    ],
)
def test_a_gap_is_named_where_its_camera_missed_the_vehicle_by_its_own_clock(told: list[Gap], is_named: bool) -> None:
    assert names(told, MISS, TRUTH) == is_named


def test_gap_questions_count_accusations_what_is_told_and_what_is_said_of_nobody() -> None:
    silent = Answer(QUESTION, {}, (("s-p1", 0.2),), (), nobody=0.8, gaps=(gap("A", 6.5, 8),))
    accusing = Answer(QUESTION, {}, (("s-p1", 0.95),), (), nobody=0.05)
    figures = gap_figures([silent, accusing], MATCHES, TRUTH)
    assert [figures.accused_at[p].value for p in ("0.5", "0.9", "0.99")] == [500.0, 500.0, 0.0]
    assert (figures.told.value, figures.not_seen.value) == (0.5, 0.5)
    assert figures.as_json()["questions"] == 2
