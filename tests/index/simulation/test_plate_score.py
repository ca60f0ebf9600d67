import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.plate_score import (
    BANDS_PX,
    PassageReading,
    PlatePair,
    PlateScore,
    passage_readings,
    plate_decisions,
    score_plates,
)
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive
from reid.plates.spelling import plain
from tests.index.simulation.synthetic.noises import PERFECT

SMALL = CityOptions(seed=5, cameras=4, vehicles=40, minutes=8, preset="easy")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a city seen without a fault, so that every plate is read right."""
    folder = tmp_path_factory.mktemp("perfect") / "city"
    with Archive.create(folder / "archive") as archive:
        make_sightings(folder, SMALL, archive, PERFECT)
    return folder


@pytest.fixture(scope="module")
def scored(city: Path) -> PlateScore:
    return score_plates([city])


@pytest.fixture(scope="module")
def seen(city: Path) -> Iterator[tuple[MatchedArchive, CityTruth]]:
    true = read_truth(city)
    with Archive.open(city / "archive") as archive:
        yield match_archive(archive, city, true), true


def _readings(matched: MatchedArchive, true: CityTruth) -> dict[str, PassageReading]:
    return {one.passage: one for one in passage_readings("city", matched, true)}


def test_a_perfect_reader_misses_only_dirty_plates(scored: PlateScore) -> None:
    assert scored.passages > 10
    assert scored.exact.value == scored.read.value == 1 - len(scored.wrong) / scored.passages
    assert scored.sure.value == 1.0
    assert {(one.read, one.state) for one in scored.wrong} <= {(None, "dirty")}
    high = scored.decisions["20 px and more"]
    assert high.same > 0
    assert 0.9 < high.compared / (high.same + high.different) < 1
    assert high.error.value is not None
    assert high.error.value < 0.05


def test_the_same_city_twice_counts_each_of_its_passages_twice(city: Path, scored: PlateScore) -> None:
    assert score_plates([city, city]).passages == 2 * scored.passages


def test_a_wrong_reading_is_listed_with_the_truth(seen: tuple[MatchedArchive, CityTruth]) -> None:
    matched, true = seen
    passage, was = next((name, one) for name, one in _readings(matched, true).items() if one.sighting)
    misread = [
        replace(one, plate=replace(one.plate, text="WRONG1")) if one.id == was.sighting and one.plate else one
        for one in matched.sightings
    ]
    now = _readings(replace(matched, sightings=tuple(misread)), true)[passage]
    assert (now.truth, now.read, now.right) == (was.truth, "WRONG1", False)
    assert was.truth == plain(true.vehicles[was.vehicle].plate or "")


def test_a_passage_without_a_sighting_was_not_read(seen: tuple[MatchedArchive, CityTruth]) -> None:
    matched, true = seen
    none = _readings(replace(matched, sightings=()), true)
    assert none
    assert not any(one.sighting or one.read or one.right for one in none.values())


def test_the_balanced_error_is_the_mean_of_both_shares_and_nan_counts_as_different() -> None:
    rng = np.random.default_rng(2)
    pairs = [
        PlatePair(f"v{n % 7}", bool(rng.random() < 0.3), float(rng.uniform(6, 30)), llr)
        for n, llr in enumerate([math.nan, *rng.normal(0, 3, 200).tolist()])
    ]
    for name, found in plate_decisions(pairs).items():
        low, high = BANDS_PX[name]
        inside = [pair for pair in pairs if low <= pair.height_px < high]
        missed = [not pair.llr > 0 for pair in inside if pair.same]
        taken = [pair.llr > 0 for pair in inside if not pair.same]
        assert found.error.value == pytest.approx((np.mean(missed) + np.mean(taken)) / 2)
        assert (found.same, found.different) == (len(missed), len(taken))
        assert found.compared == sum(not math.isnan(pair.llr) for pair in inside)


def test_without_same_plates_there_is_no_error() -> None:
    found = plate_decisions([PlatePair("a", False, 14.0, -2.0)])["12 to 16 px"]
    assert (found.error.value, found.same, found.different) == (None, 0, 1)
