import pytest

from index.simulation.ablation_score import part_figures, step_gains
from index.simulation.answer_score import Answer
from tests.index.simulation.city_passages import MATCHES, question_about


def answer(sighting: str, *ranking: str) -> Answer:
    return Answer(question_about(sighting), {"itinerary": ranking}, (), ())


def test_a_gain_is_the_mean_of_the_differences_of_the_same_questions() -> None:
    whole = [answer("s-p1", "s-p2", "s-p5"), answer("s-p2", "s-p6", "s-p1")]
    less = [answer("s-p1", "s-p5", "s-p2"), answer("s-p2", "s-p6", "s-p1")]
    figures = part_figures(whole, less, MATCHES)
    assert figures.without["hit1"].value == 0.0
    assert figures.gain["hit1"].value == pytest.approx(0.5)
    assert figures.gain["map"].value == pytest.approx((0.5 - 0.25) / 2)
    assert set(figures.as_json()) == {"hit1", "hit1_ci", "hit5", "hit5_ci", "map", "map_ci", "gain"}


def test_a_step_gains_over_the_one_before_and_all_of_them_over_a_peer() -> None:
    right, wrong = ("s-p2", "s-p5"), ("s-p5", "s-p2")
    stages = {"appearance": wrong, "plate": wrong, "travel": right, "fused": right, "itinerary": right, "cosine": wrong}
    gains = step_gains([Answer(question_about("s-p1"), stages, (), ())], MATCHES, peer="cosine")
    assert {step: figures["hit1"].value for step, figures in gains.items()} == {
        "plate": 0.0,
        "travel": 1.0,
        "fused": 0.0,
        "itinerary": 0.0,
        "whole": 1.0,
    }
