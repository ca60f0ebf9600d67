from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import ArchiveError
from index.simulation.about import About, read_about, write_about
from index.simulation.calibrate import calibrate
from index.simulation.city import START
from index.simulation.options import CityOptions
from index.simulation.unfilmed.glimpses import MODEL_ID
from index.simulation.unfilmed.sightings import make_sightings

OPTIONS = CityOptions(seed=6, cameras=4, vehicles=40, minutes=8, preset="easy")


def test_a_calibration_says_what_it_was_fitted_on(tmp_path: Path) -> None:
    city = tmp_path / "city"
    with Archive.create(city / "archive") as archive:
        make_sightings(city, OPTIONS, archive)
    fitted = calibrate([city], queries=12)
    assert fitted.origin.seeds == (6,)
    assert fitted.origin.questions == 12
    assert 20 <= fitted.origin.same < fitted.origin.pairs
    assert MODEL_ID in fitted.looks


def test_cities_of_published_figures_are_never_fitted_on(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    write_about(tmp_path, About.of(replace(OPTIONS, seed=10_000), START))
    with pytest.raises(ArchiveError, match="seeds from 10000 on are for published figures"):
        calibrate([tmp_path], queries=1)


def test_what_a_city_was_made_from_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    about = About.of(OPTIONS, START)
    write_about(tmp_path, about)
    assert read_about(tmp_path) == about


@pytest.mark.parametrize("text", ["{}", "{", "[]"])
def test_a_damaged_description_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "city.json").write_text(text)
    with pytest.raises(ArchiveError, match="is damaged"):
        read_about(tmp_path)
