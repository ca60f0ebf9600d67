"""Whole answers over a city's archive, timed."""

from pathlib import Path

from benchmarks.city_answers import drawn, timed
from index.search.question import SearchOptions
from index.simulation.options import CityOptions
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive


def test_different_sightings_are_asked_about_and_timed(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        make_sightings(
            tmp_path / "city", CityOptions(seed=5, cameras=3, vehicles=20, minutes=3, preset="easy"), archive
        )
        first, again, other = (drawn(archive, 4, seed=seed) for seed in (0, 0, 1))
        assert first == again != other
        assert len(set(first)) == 4
        took = timed(archive, first[0], SearchOptions())
    assert took.seconds > 0
    assert took.inside > 5
