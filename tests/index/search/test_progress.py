"""The ranking of each step, over a real archive."""

from dataclasses import replace

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.records import NewChunk
from index.search.fusion import Llrs
from index.search.gallery import look_inside
from index.search.progress import Progress
from index.search.question import BoundedQuestion, Marks, Question, SearchOptions, bound, with_gallery
from index.search.scope import searched
from index.store.archive import Archive
from tests.index.conftest import make_sighting


@pytest.fixture
def bounded(archive: Archive) -> BoundedQuestion:
    archive.add(NewChunk(None, None, tuple(make_sighting(number, text=f"KR{number}") for number in range(6))))
    return bound(archive, Query(sighting="sighting-00000", top=3), local_person(), SearchOptions())


def started(bounded: BoundedQuestion) -> tuple[Progress, Question]:
    inside = look_inside(bounded.archive, bounded.scope, shortlist=100)
    progress = Progress(bounded, searched(bounded.archive, bounded.scope, bounded.target, inside.size))
    return progress, with_gallery(bounded, inside)


def test_the_first_step_has_no_candidates_but_says_what_will_be_searched(bounded: BoundedQuestion) -> None:
    progress, _ = started(bounded)
    first = progress.bounded()
    assert first.candidates == ()
    assert [stage.name for stage in first.stages] == ["hypothesis"]
    assert (first.searched.cameras, first.searched.inside, first.searched.of) == (2, 6, 6)


def test_the_most_probable_come_first_ties_by_id_and_no_more_than_asked_for(bounded: BoundedQuestion) -> None:
    progress, question = started(bounded)
    ranking = progress.rank("any", question, Llrs.missing(5), np.array([0.1, 0.9, 0.4, 0.9, 0.2]))
    assert [one.sighting.id for one in ranking.candidates] == ["sighting-00002", "sighting-00004", "sighting-00003"]
    assert [one.probability for one in ranking.candidates] == [0.9, 0.9, 0.4]


def test_a_plate_is_named_as_it_was_read_and_a_confirmed_sighting_says_so(bounded: BoundedQuestion) -> None:
    bounded = replace(bounded, marks=Marks(yes=frozenset({"sighting-00002"})))
    progress, question = started(bounded)
    llrs = replace(Llrs.missing(5), plate=np.array([6.0, 6.0, np.nan, np.nan, np.nan]))
    why = {one.sighting.id: one.why for one in progress.rank("any", question, llrs, np.linspace(1, 0, 5)).candidates}
    assert why["sighting-00001"] == "plate read as KR1, one character differs"
    assert why["sighting-00002"] == "confirmed by a person"
    assert why["sighting-00003"] == "nothing to compare"
