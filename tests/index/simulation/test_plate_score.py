import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.simulation.options import CityOptions
from index.simulation.plate_decisions import BANDS_PX, PlatePair, decided
from index.simulation.plate_score import PassageRead, PlateScore, passage_reads, score_plates
from index.simulation.recall import CityTruth, Remembered, read_truth, remember
from index.simulation.unfilmed.sightings import make_sightings
from reid.plates.alphabet import plain
from tests.index.simulation.noises import PERFECT

SMALL = CityOptions(seed=5, cameras=4, vehicles=40, minutes=8, preset="easy")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city seen without a fault, so that every plate is read as it is."""
    folder = tmp_path_factory.mktemp("perfect") / "city"
    with Archive.create(folder / "archive") as archive:
        make_sightings(folder, SMALL, archive, PERFECT)
    return folder


@pytest.fixture(scope="module")
def scored(city: Path) -> PlateScore:
    return score_plates([city])


@pytest.fixture(scope="module")
def seen(city: Path) -> Iterator[tuple[Remembered, CityTruth]]:
    true = read_truth(city)
    with Archive.open(city / "archive") as archive:
        yield remember(archive, city, true), true


def reads(remembered: Remembered, true: CityTruth) -> dict[str, PassageRead]:
    return {one.passage: one for one in passage_reads("city", remembered, true)}


def test_who_reads_all_clean_plates_lacks_only_the_dirty_ones(scored: PlateScore) -> None:
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


def test_a_wrong_reading_is_listed_with_the_truth(seen: tuple[Remembered, CityTruth]) -> None:
    remembered, true = seen
    passage, was = next((name, one) for name, one in reads(remembered, true).items() if one.sighting)
    misread = [
        replace(one, plate=replace(one.plate, text="WRONG1")) if one.id == was.sighting and one.plate else one
        for one in remembered.sightings
    ]
    now = reads(replace(remembered, sightings=tuple(misread)), true)[passage]
    assert (now.truth, now.read, now.right) == (was.truth, "WRONG1", False)
    assert was.truth == plain(true.vehicles[was.vehicle].plate or "")


def test_a_passage_that_nobody_saw_was_not_read(seen: tuple[Remembered, CityTruth]) -> None:
    remembered, true = seen
    none = reads(replace(remembered, sightings=()), true)
    assert none
    assert not any(one.sighting or one.read or one.right for one in none.values())


def test_a_balanced_error_is_the_mean_of_both_shares_and_silence_is_a_no() -> None:
    rng = np.random.default_rng(2)
    pairs = [
        PlatePair(f"v{n % 7}", bool(rng.random() < 0.3), float(rng.uniform(6, 30)), ratio)
        for n, ratio in enumerate([math.nan, *rng.normal(0, 3, 200).tolist()])
    ]
    for name, found in decided(pairs).items():
        low, high = BANDS_PX[name]
        inside = [pair for pair in pairs if low <= pair.height_px < high]
        missed = [not pair.llr > 0 for pair in inside if pair.same]
        taken = [pair.llr > 0 for pair in inside if not pair.same]
        assert found.error.value == pytest.approx((np.mean(missed) + np.mean(taken)) / 2)
        assert (found.same, found.different) == (len(missed), len(taken))
        assert found.compared == sum(not math.isnan(pair.llr) for pair in inside)


def test_where_no_plates_are_the_same_there_is_no_error_to_tell() -> None:
    found = decided([PlatePair("a", False, 14.0, -2.0)])["12 to 16 px"]
    assert (found.error.value, found.same, found.different) == (None, 0, 1)
