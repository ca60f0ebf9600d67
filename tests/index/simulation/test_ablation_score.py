import pytest

from index.simulation.ablation_score import part_figures
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
