from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.simulation.answer_score import (
    Answer,
    calibration_figures,
    itinerary_figures,
    lottery,
    ranking_figures,
)
from index.simulation.matching import Match
from index.simulation.questions import KnownSighting, Question, judged, questions
from index.simulation.truth import TruePassage

START = datetime(2026, 5, 4, 8, tzinfo=UTC)


def _passage(name: str, vehicle: str, camera: str, minute: float, *, counts: bool = True) -> TruePassage:
    time = START + timedelta(minutes=minute)
    return TruePassage(
        name, vehicle, camera, time - timedelta(seconds=2), time + timedelta(seconds=2), 60, 0, 0, counts
    )


PASSAGES = [
    _passage("p1", "v1", "A", 0),
    _passage("p2", "v1", "B", 5),
    _passage("p3", "v1", "C", 25),
    _passage("p4", "v1", "C", 45),
    _passage("p5", "v2", "B", 3),
    _passage("p6", "v3", "A", 1),
    _passage("p7", "v3", "B", 4, counts=False),
]


def _sightings(shown: list[TruePassage]) -> list[KnownSighting]:
    return [
        KnownSighting(Match(f"s-{p.passage}", p.vehicle, p.passage), p.camera, p.first + timedelta(seconds=2))
        for p in shown
    ]


FOUND = [p for p in PASSAGES if p.passage != "p3"]
MATCHES = {sighting.id: sighting.match for sighting in _sightings(FOUND)}


def _asked(sighting: str) -> Question:
    return next(q for q in questions(_sightings(FOUND), PASSAGES, n=100, seed=0) if q.sighting == sighting)


def test_questions_are_sightings_of_vehicles_that_pass_another_camera_within_the_horizon() -> None:
    asked = questions(_sightings(FOUND), PASSAGES, n=100, seed=0)
    assert [question.sighting for question in asked] == ["s-p1", "s-p2"]


def test_the_gallery_is_the_horizon_on_other_cameras_and_what_was_missed_stays_relevant() -> None:
    question = _asked("s-p1")
    assert question.gallery == ("s-p2", "s-p5", "s-p7")
    assert question.relevant == {"p2", "p3"}


def test_the_seed_draws_the_questions() -> None:
    many = [_passage(f"p{i}{c}", f"v{i}", c, i / 10) for i in range(30) for c in "AB"]
    draws = [questions(_sightings(many), many, n=10, seed=seed) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert len(draws[0]) == 10


def test_what_was_never_detected_costs_average_precision() -> None:
    answer = Answer(_asked("s-p1"), {"fused": ("s-p2", "s-p5", "s-p7")}, (), ())
    figures = ranking_figures([answer], "fused", MATCHES)
    assert figures["hit1"].value == 1.0
    assert figures["map"].value == pytest.approx(0.5)


def test_a_second_sighting_of_a_passage_is_passed_over() -> None:
    matches = {**MATCHES, "s-again": Match("s-again", "v1", "p2")}
    question = _asked("s-p1")
    twice = Question(
        **{name: getattr(question, name) for name in Question.__slots__} | {"gallery": (*question.gallery, "s-again")}
    )
    assert judged(("s-p2", "s-again", "s-p5"), twice, matches).tolist() == [True, False]


def test_own_camera_and_unwanted_passages_are_passed_over() -> None:
    assert judged(("s-p6", "s-p5", "s-p2"), _asked("s-p1"), MATCHES).tolist() == [False, True]
    small = {**MATCHES, "s-p7": Match("s-p7", "v1", "p9")}
    passages = [*PASSAGES, _passage("p9", "v1", "B", 4, counts=False)]
    question = next(q for q in questions(_sightings(FOUND), passages, n=9, seed=0) if q.sighting == "s-p1")
    assert judged(("s-p7", "s-p2"), question, small).tolist() == [True]


def test_the_lottery_is_a_seeded_order_of_the_gallery() -> None:
    question = _asked("s-p1")
    assert sorted(lottery(question, seed=3)) == sorted(question.gallery)
    assert lottery(question, seed=3) == lottery(question, seed=3)


def test_probabilities_that_are_right_have_no_error_and_beat_the_base_rate() -> None:
    answers = [Answer(_asked("s-p1"), {}, (("s-p2", 1.0), ("s-p5", 0.0)), ())]
    figures = calibration_figures(answers, MATCHES)
    assert (figures["ece"].value, figures["brier"].value, figures["brier_base"].value) == (0.0, 0.0, 0.25)


def test_probabilities_that_are_wrong_are_told_so() -> None:
    answers = [Answer(_asked("s-p1"), {}, (("s-p2", 0.0), ("s-p5", 1.0)), ())]
    figures = calibration_figures(answers, MATCHES)
    assert (figures["ece"].value, figures["brier"].value) == (1.0, 1.0)


def test_no_answer_gives_no_figure() -> None:
    figures = {**calibration_figures([], MATCHES), **itinerary_figures([], MATCHES)}
    assert {figure.value for figure in figures.values()} == {None}


def test_a_story_is_scored_by_the_passages_it_claims() -> None:
    story = ("s-p1", "s-p2", "s-p5")
    figures = itinerary_figures([Answer(_asked("s-p1"), {}, (), story)], MATCHES)
    assert figures["precision"].value == pytest.approx(1 / 2)
    assert figures["recall"].value == pytest.approx(1 / 2)


def test_a_random_rank_finds_one_in_three_first() -> None:
    many = [_passage(f"p{i}{c}", f"v{i}", c, 0) for i in range(40) for c in ("A", "B")]
    sightings = _sightings(many)
    matches = {sighting.id: sighting.match for sighting in sightings}
    asked = questions(sightings, many, n=80, seed=0)
    answers = [Answer(q, {"random": lottery(q, seed=s)}, (), ()) for q in asked for s in range(20)]
    expected = np.mean([1 / len(q.gallery) for q in asked])
    assert ranking_figures(answers, "random", matches)["hit1"].value == pytest.approx(expected, abs=0.012)
