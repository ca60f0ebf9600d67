from dataclasses import replace
from pathlib import Path

from index.search.question import SearchOptions
from index.simulation.answer_score import ask_once
from index.simulation.failures import worst_failures
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.questions import draw_questions
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive
from tests.index.simulation.synthetic.noises import PERFECT

SMALL = CityOptions(seed=5, cameras=4, vehicles=40, minutes=8, preset="easy")


def test_the_surest_wrong_answers_are_told_with_the_rank_of_the_right_one(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        make_sightings(tmp_path / "city", SMALL, archive, PERFECT)
        truth = read_truth(tmp_path / "city")
        matched = match_archive(archive, tmp_path / "city", truth)
        questions = draw_questions(matched.known_sightings(truth), truth.passages, n=3, seed=1)
        options = SearchOptions()
        answers = [ask_once(archive, question, options) for question in questions]
        assert worst_failures(archive, answers, matched.matches, options, most=5) == []
        others = [next(id_ for id_, one in matched.matches.items() if one.vehicle != q.vehicle) for q in questions]
        wrong = [
            replace(answer, shown=((other, sure), *answer.shown))
            for answer, other, sure in zip(answers, others, (0.3, 0.9, 0.6), strict=True)
        ]
        found = worst_failures(archive, wrong, matched.matches, options, most=2)
    assert [one.sighting for one in found] == [questions[1].sighting, questions[2].sighting]
    assert found[0].right is not None
    assert (found[0].right.rank, matched.matches[found[0].right.sighting].vehicle) == (1, questions[1].vehicle)
    assert found[0].right.why
    assert found[0].as_json()["camera"] == questions[1].camera
