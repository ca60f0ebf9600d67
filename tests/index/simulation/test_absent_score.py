import numpy as np
import pytest

from index.simulation.absent_score import absent_figures, best_threshold
from index.simulation.answer_score import Answer
from index.simulation.questions import draw_absent_questions
from tests.index.simulation.city_passages import FOUND, MATCHES, PASSAGES, known_sightings, question_about

ABSENT = {one.sighting: one for one in draw_absent_questions(known_sightings(FOUND), PASSAGES, n=9, seed=0)}


def test_who_is_shown_as_probable_though_nobody_saw_the_vehicle_is_accused() -> None:
    absent = [
        Answer(ABSENT["s-p4"], {}, (("s-p6", 0.95), ("s-p5", 0.2)), (), ("s-p6", 0.7)),
        Answer(ABSENT["s-p5"], {}, (("s-p6", 0.4),), (), ("s-p1", 0.3)),
    ]
    seen = [Answer(question_about("s-p1"), {}, (("s-p2", 0.6),), (), ("s-p2", 0.8))]
    figures = absent_figures(absent, seen, MATCHES)
    assert [figures.accused_at[p].value for p in ("0.5", "0.9", "0.99")] == [500.0, 500.0, 0.0]
    assert [figures.named_at[p].value for p in ("0.5", "0.9", "0.99")] == [1.0, 0.0, 0.0]
    assert figures.as_json()["questions"] == 2
    assert figures.threshold == pytest.approx(0.8)
    assert (figures.cosine_accused.value, figures.cosine_named.value) == (0.0, 1.0)


def test_what_is_said_of_nobody_and_of_those_shown_is_judged_over_all_questions() -> None:
    absent = [Answer(ABSENT["s-p4"], {}, (("s-p6", 0.5),), (), nobody=0.8)]
    seen = [Answer(question_about("s-p1"), {}, (("s-p2", 1.0),), (), nobody=0.4)]
    figures = absent_figures(absent, seen, MATCHES)
    assert figures.nobody["ece"].value == pytest.approx(0.3)
    assert figures.nobody["brier"].value == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert figures.shown["ece"].value == pytest.approx(0.25)
    assert {"nobody", "shown"} <= set(figures.as_json())


def test_who_refuses_more_answers_fewer_questions_and_more_of_them_rightly() -> None:
    absent = [Answer(ABSENT["s-p4"], {}, (("s-p6", 0.6),), ()), Answer(ABSENT["s-p5"], {}, (), ())]
    seen = [Answer(question_about("s-p1"), {}, (("s-p2", 0.95), ("s-p6", 0.3)), ())]
    refusal = absent_figures(absent, seen, MATCHES).refusal
    assert [refusal[p]["answered"].value for p in ("0.0", "0.6", "0.9", "0.99")] == pytest.approx(
        [2 / 3, 2 / 3, 1 / 3, 0]
    )
    assert [refusal[p]["right"].value for p in ("0.0", "0.9", "0.99")] == [0.5, 1.0, None]


def test_what_was_not_asked_is_not_judged() -> None:
    assert absent_figures([Answer(ABSENT["s-p4"], {}, (), ())], [], MATCHES).nobody["ece"].value is None


def test_the_vehicle_itself_is_never_accused() -> None:
    absent = [Answer(ABSENT["s-p4"], {}, (("s-p1", 0.99),), ())]
    assert absent_figures(absent, [], MATCHES).accused_at["0.5"].value == 0.0


def test_the_best_threshold_decides_most_questions_rightly() -> None:
    seen, right = np.array([0.9, 0.8, 0.7]), np.array([True, True, False])
    assert best_threshold(seen, right, np.array([0.75, 0.2])) == pytest.approx(0.8)
    assert best_threshold(np.array([]), np.array([], bool), np.array([])) is None
