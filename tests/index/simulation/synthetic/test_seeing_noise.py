from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation.synthetic.seeing_noise import PACKAGED, HeightCurve, Quantiles, SeeingNoise, packaged_noise
from tests.index.simulation.synthetic.noises import FAULTY, PERFECT


@pytest.mark.parametrize("noise", [PERFECT, FAULTY])
def test_a_noise_is_read_back_as_it_was_saved(tmp_path: Path, noise: SeeingNoise) -> None:
    noise.save(tmp_path / "noise.json")
    assert SeeingNoise.load(tmp_path / "noise.json") == noise


def test_the_packaged_noise_says_what_it_was_fitted_on() -> None:
    origin = packaged_noise().origin
    assert origin.seeds
    assert all(seed < 10_000 for seed in origin.seeds)
    assert any(model.startswith("appearance") for model in origin.models)
    assert origin.counts["passages_seen"] <= origin.counts["passages"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"sights": {}, "origin": 3}'])
def test_a_damaged_noise_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "noise.json"
    path.write_text(text)
    with pytest.raises(ArchiveError, match="is no noise of seeing"):
        SeeingNoise.load(path)


def test_a_noise_of_other_colours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.json"
    replace(PERFECT, colours=PERFECT.types).save(path)
    with pytest.raises(ArchiveError, match="does not know the types and colours of today"):
        SeeingNoise.load(path)


def test_a_curve_grows_to_its_most_and_is_half_of_it_at_half() -> None:
    curve = HeightCurve(half_px=20, steep=5, most=0.8)
    assert curve.at(0) == 0
    assert curve.at(20) == pytest.approx(0.4)
    assert curve.at(10_000) == pytest.approx(0.8)
    assert curve.at(15) < curve.at(25)


def test_a_spread_draws_what_its_quantiles_say() -> None:
    rng = np.random.default_rng(1)
    drawn = [Quantiles((0, 1, 10)).draw(rng) for _ in range(4000)]
    assert min(drawn) >= 0
    assert max(drawn) <= 10
    assert np.median(drawn) == pytest.approx(1, abs=0.15)


def test_lists_of_numbers_lie_on_one_line() -> None:
    assert max(map(len, PACKAGED.read_text().splitlines())) < 400
    assert len(PACKAGED.read_text().splitlines()) < 600
