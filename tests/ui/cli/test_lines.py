"""The answer as lines of text."""

from index.answers import Query, Ranking
from ui.cli.documents import ranking_document
from ui.cli.lines import answer_lines


def test_that_nobody_saw_the_vehicle_is_said_first_where_it_is_likely() -> None:
    first, *_ = answer_lines(Ranking((), (), nobody=0.82), Query(), 0)
    assert first == "Probably not seen by these cameras in this time: 82 %."
    assert not [line for line in answer_lines(Ranking((), (), nobody=0.3), Query(), 0) if "Probably" in line]
    assert [ranking_document(Query(), Ranking((), (), nobody=p))["nobody"] for p in (0.3, None)] == [0.3, None]
