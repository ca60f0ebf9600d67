"""What speaks for and against a candidate, in words."""

import pytest

from index.answers import Evidence
from index.search.plate import nearly_as_likely
from index.search.reasons import ReadPlate, explain
from reid.vehicle import Box, Plate


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


def test_a_reading_that_may_as_well_be_another_says_both() -> None:
    """Of 51 to 49 the one asked for had 99 %, and "which agrees" was all that was said."""
    read = ReadPlate("KR12AB", 0, "KR12A8")
    assert words(Evidence(plate=5.0), read) == "plate read as KR12AB, which agrees; the plate may as well be KR12A8"
    assert words(Evidence(plate=0.1), ReadPlate("KR12A8", 1, "KR12AB")).endswith("the plate may as well be KR12AB")


@pytest.mark.parametrize(
    ("second", "other"),
    [pytest.param(0.49, "K8", id="51 to 49"), pytest.param(0.2, None, id="surely read")],
)
def test_the_text_that_is_nearly_as_likely_differs_in_one_place(second: float, other: str | None) -> None:
    plate = Plate(Box(0, 0, 40, 10), (), "KB", 0.9, ({"K": 0.95, "X": 0.02}, {"B": 0.51, "8": second}))
    assert nearly_as_likely(plate) == other
    assert nearly_as_likely(Plate(Box(0, 0, 40, 10), (), None, 0.1)) is None
