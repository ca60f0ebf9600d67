"""Two sightings that no vehicle can both have made: none is certain, and nobody between them becomes it."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.records import NewSighting
from index.search.search import search
from index.search.story import weigh_stories, without_bridges
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from tests.index.search.straight_street import CAMERAS, NOON, TARGET, make, others, seen
from ui.cli.lines import answer_lines
from ui.report.findings import alone_sentence
from ui.web.headline import headline

PLATE = "AB123C"
FAR_APART = (
    seen("first", "c1", 600, 0, text=PLATE),
    seen("between", "c3", 602.5, 9, colour="blue"),
    seen("second", "c5", 605, 0, text=PLATE),
)
"""Five seconds for four blocks: a cloned plate, or a clock that is wrong by minutes; and a stranger on the way."""


def ask(
    folder: Path, sightings: Sequence[NewSighting], *, confirmed: Sequence[str] = (), ruled_out: Sequence[str] = ()
) -> Ranking:
    with make(folder, [TARGET[0], *sightings, *others()]) as archive:
        with archive.catalogue.writing() as connection:
            cases.add(connection, Case("7", "hit and run", "local", NOON))
            verdicts = {**dict.fromkeys(confirmed, "yes"), **dict.fromkeys(ruled_out, "no")}
            for sighting, verdict in verdicts.items():
                cases.mark(connection, Mark("7", sighting, verdict, "local", NOON))
        *_, last = search(archive, Query(sighting="q", case="7", top=100), local_person())
    return last


def probability_of(ranking: Ranking) -> dict[str, float]:
    return {candidate.sighting.id: candidate.probability or 0.0 for candidate in ranking.candidates}


def test_of_two_with_the_plate_that_contradict_each_other_none_is_certain(tmp_path: Path) -> None:
    """One of both was taken as certain, by its id, and the other left out for it: 99.8 % and 0."""
    found = probability_of(ask(tmp_path, FAR_APART))
    assert found["first"] == pytest.approx(found["second"], abs=0.05)
    assert 0.3 < found["first"] < 0.7
    assert found["between"] < 0.1


def test_an_answer_says_that_not_all_likely_sightings_are_of_one_vehicle(tmp_path: Path) -> None:
    """Of two that exclude each other, each with 51 %, the page said "Seen again 2 times"."""
    hardly = (seen("first", "c1", 600, 0, text=PLATE), seen("second", "c5", 648, 0, text=PLATE))
    ranking = ask(tmp_path / "rivals", hardly)
    assert (ranking.likely, ranking.rivals) == (2, 1)
    assert headline(ranking, UTC).belief.startswith("2 sightings may be it, but hardly all of them, its likeliest way")
    said = list(answer_lines(ranking, Query(), 5))
    assert "Hardly one vehicle made all 2 sightings with 50 % or more: its likeliest way has 1 of them." in said
    assert alone_sentence(ranking).endswith("its likeliest way has 1 of them.")
    agreeing = (seen("a", "c2", 300, 0, text=PLATE), seen("b", "c4", 900, 0, text=PLATE))
    ranking = ask(tmp_path / "agree", agreeing)
    assert (ranking.likely, ranking.rivals) == (2, 0)
    assert headline(ranking, UTC).belief.startswith("Seen again 2 times")


def test_two_that_people_confirmed_stay_and_nobody_between_joins_them(tmp_path: Path) -> None:
    """The stranger between had 88 %: by it the two were joined, as each drive may allow for a wrong clock."""
    ranking = ask(tmp_path, FAR_APART, confirmed=["first", "second"])
    found = probability_of(ranking)
    assert min(found["first"], found["second"]) > 0.99
    assert found["between"] < 0.1
    assert ranking.itinerary is not None
    assert [stop.sighting for stop in ranking.itinerary.stops] == ["first", "second"]


def test_of_several_plates_that_fit_a_pattern_one_is_right(tmp_path: Path) -> None:
    """Asked for a 3 or an 8, and a C or a G, four vehicles of four plates had 93 to 99 % each, "which agrees"."""
    rng = np.random.default_rng(4)
    texts = ("AB123C", "AB128C", "AB123G", "AB128G")
    fitting = [
        seen(text, CAMERAS[n % 4], float(rng.uniform(100, 1500)), n + 50, text=text) for n, text in enumerate(texts)
    ]
    with make(tmp_path, [*fitting, *others()]) as archive:
        for asked in (Query(plate="AB12[38][CG]"), Query(plate="AB12[38][CG]", camera="c1", time=NOON)):
            *_, ranking = search(archive, asked, local_person())
            found = [probability_of(ranking).get(text, 0.0) for text in texts]
            assert max(found) < 0.6
            assert sum(found) < 1.2
        *_, one = search(archive, Query(plate="AB12[37]C"), local_person())
    assert probability_of(one)["AB123C"] > 0.9


def test_of_three_that_contradict_each_other_the_first_and_the_last_are_not_both_right(tmp_path: Path) -> None:
    """By the one between, a story claimed the two of which none can be if the other is: 78 % each."""
    three = [
        seen(id_, camera, 600 + s, 0, text=PLATE) for id_, camera, s in (("a", "c1", 0), ("b", "c3", 3), ("c", "c5", 6))
    ]
    found = probability_of(ask(tmp_path, three))
    assert found["a"] + found["c"] < 1.05


def test_marks_of_two_vehicles_are_said(tmp_path: Path) -> None:
    """The case says that both are the vehicle; no drive joins them, and the answer told both with over 99 %."""
    doubts = ask(tmp_path / "two", FAR_APART, confirmed=["first", "second"]).doubts
    assert [str(doubt) for doubt in doubts] == [
        "marked yes in this case, but no one vehicle can have made all of these: first, second. "
        "Are they two vehicles, or is a clock wrong?"
    ]
    assert ask(tmp_path / "one", FAR_APART, confirmed=["first"]).doubts == ()


def test_a_mark_that_the_roads_rule_out_is_said(tmp_path: Path) -> None:
    """Four blocks in five seconds: the camera is not searched then, and the mark was in no answer."""
    too_soon = seen("soon", "c5", 5, 0, text=PLATE)
    ranking = ask(tmp_path, [*FAR_APART, too_soon], confirmed=["soon"])
    assert "soon" not in probability_of(ranking)
    (doubt,) = ranking.doubts
    assert str(doubt).endswith("or removed since: soon")


def test_in_a_question_about_what_its_case_ruled_out_marks_take_no_part(tmp_path: Path) -> None:
    """What was confirmed as the case's vehicle was told as this other one's way, with over 99 %."""
    other = seen("other", "c5", 900, 60, text="KX77YZ", colour="blue")
    ranking = ask(tmp_path / "ruled out", [other, *FAR_APART], confirmed=["other"], ruled_out=["q"])
    assert probability_of(ranking)["other"] < 0.1
    (doubt,) = ranking.doubts
    assert str(doubt).startswith("the sighting asked about is marked no in this case")
    assert probability_of(ask(tmp_path / "usual", [other, *FAR_APART], confirmed=["other"]))["other"] > 0.99


@pytest.mark.parametrize("step", [-np.inf, -3.0, -1.0])
def test_an_unlikely_sighting_lets_no_story_claim_two_that_contradict_each_other(step: float) -> None:
    odds = np.array([12.0, -3.0, 12.0])
    moves = np.array([[-np.inf, step, -np.inf], [-np.inf, -np.inf, step], [-np.inf] * 3])
    told = weigh_stories(odds, without_bridges(moves, odds))
    assert told.marginals[1] < 0.05
    assert told.marginals[[0, 2]] == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_likely_sighting_between_may_join_them_and_what_agrees_stays() -> None:
    agreeing = np.array([[-np.inf, -0.1, -0.5], [-np.inf, -np.inf, -0.1], [-np.inf] * 3])
    odds = np.array([12.0, -3.0, 12.0])
    np.testing.assert_array_equal(without_bridges(agreeing, odds), agreeing)
    contradicting = np.array([[-np.inf, -1.0, -np.inf], [-np.inf, -np.inf, -1.0], [-np.inf] * 3])
    np.testing.assert_array_equal(without_bridges(contradicting, np.full(3, 2.0)), contradicting)
