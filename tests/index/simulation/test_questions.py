from datetime import timedelta

from index.simulation.matching import Match
from index.simulation.questions import (
    CityQuestion,
    draw_absent_questions,
    draw_gap_questions,
    draw_questions,
    judge_ranking,
)
from index.simulation.truth import TrueMiss
from tests.index.simulation.city_passages import (
    FOUND,
    MATCHES,
    PASSAGES,
    START,
    known_sightings,
    question_about,
    true_passage,
)


def test_questions_are_sightings_of_vehicles_that_pass_another_camera_within_the_horizon() -> None:
    asked = draw_questions(known_sightings(FOUND), PASSAGES, n=100, seed=0)
    assert [question.sighting for question in asked] == ["s-p1", "s-p2"]


def test_the_gallery_is_the_horizon_on_other_cameras_and_what_was_missed_stays_relevant() -> None:
    question = question_about("s-p1")
    assert question.gallery == ("s-p2", "s-p5", "s-p7")
    assert question.relevant == {"p2", "p3"}


def test_absent_vehicles_are_those_that_no_other_camera_saw_whether_or_not_they_passed_one() -> None:
    asked = draw_absent_questions(known_sightings(FOUND), PASSAGES, n=100, seed=0)
    assert [question.sighting for question in asked] == ["s-p4", "s-p5"]
    assert asked[1].gallery == ("s-p1", "s-p6")


def test_who_passed_a_camera_that_did_not_film_drove_through_a_gap_and_is_not_asked_about_as_absent() -> None:
    at = START + timedelta(minutes=6)
    missed = [
        TrueMiss("v2", "A", at),
        TrueMiss("v2", "B", at),
        TrueMiss("v1", "A", at + timedelta(days=1)),
        TrueMiss("v3", "C", at),
    ]
    found = known_sightings(FOUND)
    (through_gap,) = draw_gap_questions(found, PASSAGES, n=9, seed=0, missed=missed)
    assert (through_gap.sighting, through_gap.missed) == ("s-p5", (missed[0],))
    asked = draw_absent_questions(found, PASSAGES, n=9, seed=0, missed=missed)
    assert [question.sighting for question in asked] == ["s-p4"]


def test_the_seed_draws_the_questions() -> None:
    many = [true_passage(f"p{i}{c}", f"v{i}", c, i / 10) for i in range(30) for c in "AB"]
    draws = [draw_questions(known_sightings(many), many, n=10, seed=seed) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert len(draws[0]) == 10


def test_a_second_sighting_of_a_passage_is_skipped() -> None:
    matches = {**MATCHES, "s-again": Match("s-again", "v1", "p2")}
    question = question_about("s-p1")
    twice = CityQuestion(
        **{name: getattr(question, name) for name in CityQuestion.__slots__}
        | {"gallery": (*question.gallery, "s-again")}
    )
    assert judge_ranking(("s-p2", "s-again", "s-p5"), twice, matches).tolist() == [True, False]


def test_own_camera_and_uncounted_passages_are_skipped() -> None:
    assert judge_ranking(("s-p6", "s-p5", "s-p2"), question_about("s-p1"), MATCHES).tolist() == [False, True]
    small = {**MATCHES, "s-p7": Match("s-p7", "v1", "p9")}
    passages = [*PASSAGES, true_passage("p9", "v1", "B", 4, counts=False)]
    question = next(q for q in draw_questions(known_sightings(FOUND), passages, n=9, seed=0) if q.sighting == "s-p1")
    assert judge_ranking(("s-p7", "s-p2"), question, small).tolist() == [True]


def test_a_vehicle_that_only_the_camera_asked_about_saw_again_is_not_unseen() -> None:
    back = true_passage("p8", "v2", "B", 9)
    found = known_sightings([*FOUND, back])
    matches = {one.id: one.match for one in found}
    questions = {one.sighting: one for one in draw_absent_questions(found, [*PASSAGES, back], n=9, seed=0)}
    assert questions["s-p5"].again == ("s-p2", "s-p7", "s-p8")
    assert not questions["s-p5"].is_unseen(matches)
    assert questions["s-p4"].is_unseen(matches)
