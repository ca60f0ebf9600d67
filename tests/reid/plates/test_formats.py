"""The syntaxes of plates: whole, of characters that exist, and with a stated region in front."""

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.plates.formats import FREE_SHARE, SYNTAXES, region_prior
from reid.plates.spelling import CHARACTERS, LONGEST

LENGTHS = range(1, LONGEST + 1)


def _share(text: str, region: str | None = None) -> float:
    """Return the probability of a text under the formats of its length, without that of free texts."""
    formats = region_prior(region).of_length(len(text))
    columns = [CHARACTERS.index(character) for character in text]
    return float(formats.shares[:-1] @ formats.holds[:-1, np.arange(len(text)), columns].prod(axis=1))


def test_forty_regions_and_more_share_what_free_texts_leave() -> None:
    assert len(SYNTAXES) >= 40
    shares = sum(float(region_prior().of_length(length).shares[:-1].sum()) for length in LENGTHS)
    assert shares == pytest.approx(1 - FREE_SHARE)


@pytest.mark.parametrize("length", [5, 7, 8])
def test_each_place_of_each_format_holds_something(length: int) -> None:
    assert region_prior("CN").of_length(length).holds.sum(axis=2) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("possible", "impossible"),
    [
        pytest.param("皖A12B34", "皖A12I34", id="no I in China"),
        pytest.param("皖AD12345", "皖AX1234B", id="new energy"),
        pytest.param("9AA1234", "9GA1234", id="no G in Czechia"),
        pytest.param("ABC1D23", "1BC1D23", id="Brazil"),
        pytest.param("1234BCD", "12345BCD", id="Spain"),
        pytest.param("B123ABC", "BB123AB3", id="Bucharest"),
    ],
)
def test_what_a_country_writes_is_possible_and_what_it_never_writes_is_not(possible: str, impossible: str) -> None:
    assert _share(possible) > 0
    assert _share(impossible) == 0


def test_a_stated_region_is_more_usual_and_others_stay_possible() -> None:
    assert _share("ABC1D23", "BR") > 5 * _share("ABC1D23")
    assert _share("ABC1D23", "CN") > 0


def test_an_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SeeingError, match=r"'XX'.*AR, AT"):
        region_prior("XX")
