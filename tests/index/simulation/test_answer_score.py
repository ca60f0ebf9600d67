import numpy as np
import pytest

from index.simulation.answer_score import Answer, calibration_figures, itinerary_figures, random_order, ranking_figures
from index.simulation.questions import draw_questions
from tests.index.simulation.city_passages import MATCHES, known_sightings, question_about, true_passage


def test_a_missed_passage_costs_average_precision() -> None:
    answer = Answer(question_about("s-p1"), {"fused": ("s-p2", "s-p5", "s-p7")}, (), ())
    figures = ranking_figures([answer], "fused", MATCHES)
    assert figures["hit1"].value == 1.0
    assert figures["map"].value == pytest.approx(0.5)


def test_random_order_is_a_seeded_order_of_the_gallery() -> None:
    question = question_about("s-p1")
    assert sorted(random_order(question, seed=3)) == sorted(question.gallery)
    assert random_order(question, seed=3) == random_order(question, seed=3)


def test_right_probabilities_have_no_error_and_beat_the_base_rate() -> None:
    answers = [Answer(question_about("s-p1"), {}, (("s-p2", 1.0), ("s-p5", 0.0)), ())]
    figures = calibration_figures(answers, MATCHES)
    assert (figures["ece"].value, figures["brier"].value, figures["brier_base"].value) == (0.0, 0.0, 0.25)


def test_wrong_probabilities_have_the_largest_error() -> None:
    answers = [Answer(question_about("s-p1"), {}, (("s-p2", 0.0), ("s-p5", 1.0)), ())]
    figures = calibration_figures(answers, MATCHES)
    assert (figures["ece"].value, figures["brier"].value) == (1.0, 1.0)


def test_no_answer_gives_no_figure() -> None:
    figures = {**calibration_figures([], MATCHES), **itinerary_figures([], MATCHES)}
    assert {figure.value for figure in figures.values()} == {None}


def test_a_story_is_scored_by_the_passages_it_claims() -> None:
    story = ("s-p1", "s-p2", "s-p5")
    figures = itinerary_figures([Answer(question_about("s-p1"), {}, (), story)], MATCHES)
    assert figures["precision"].value == pytest.approx(1 / 2)
    assert figures["recall"].value == pytest.approx(1 / 2)


def test_a_random_order_hits_first_as_often_as_expected() -> None:
    many = [true_passage(f"p{i}{c}", f"v{i}", c, 0) for i in range(40) for c in ("A", "B")]
    sightings = known_sightings(many)
    matches = {sighting.id: sighting.match for sighting in sightings}
    asked = draw_questions(sightings, many, n=80, seed=0)
    answers = [Answer(q, {"random": random_order(q, seed=s)}, (), ()) for q in asked for s in range(20)]
    expected = np.mean([1 / len(q.gallery) for q in asked])
    assert ranking_figures(answers, "random", matches)["hit1"].value == pytest.approx(expected, abs=0.012)
