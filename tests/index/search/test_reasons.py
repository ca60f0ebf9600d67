"""What speaks for and against a candidate, in words."""

import pytest

from index.answers import Evidence
from index.search.reasons import ReadPlate, explain


def words(evidence: Evidence, read: ReadPlate | None = None) -> str:
    return "; ".join(str(reason) for reason in explain(evidence, read))


def test_words_name_the_weightiest_first_and_say_what_speaks_against() -> None:
    why = words(Evidence(appearance=1.5, plate=6.0, travel=-1.2, direction=0.1))
    assert why == "plate consistent with the one asked for; looks alike; the time between is unusual for the drive"


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        pytest.param(Evidence(), "nothing to compare", id="all missing"),
        pytest.param(Evidence(appearance=0.2), "nothing speaks strongly for or against", id="all weak"),
        pytest.param(Evidence(direction=-4.0), "drives the wrong way", id="against"),
    ],
)
def test_words_for_little_evidence(evidence: Evidence, said: str) -> None:
    assert words(evidence) == said


@pytest.mark.parametrize(
    ("llr", "differing", "said"),
    [
        pytest.param(5.0, 0, "plate read as KR12AB, which agrees", id="surely"),
        pytest.param(2.0, 0, "plate read as KR12AB, which is consistent", id="rather"),
        pytest.param(5.0, 1, "plate read as KR12AB, one character differs", id="a twin"),
        pytest.param(0.0, 1, "plate read as KR12AB, one character differs", id="a twin that says nothing"),
        pytest.param(-0.5, None, "plate read as KR12AB, of another length", id="shorter or longer"),
        pytest.param(-5.0, 4, "plate read as KR12AB, another one (4 characters differ)", id="surely not"),
    ],
)
def test_only_a_plate_that_agrees_is_said_to_agree(llr: float, differing: int | None, said: str) -> None:
    assert words(Evidence(plate=llr), ReadPlate("KR12AB", differing)) == said


@pytest.mark.parametrize("llr", [9.0, 2.0, -2.0, -9.0])
def test_of_a_plate_that_nobody_could_read_no_more_is_said_than_consistent(llr: float) -> None:
    assert "consistent" in words(Evidence(plate=llr))
    assert "same" not in words(Evidence(plate=llr))
