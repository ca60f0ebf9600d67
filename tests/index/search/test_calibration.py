"""The calibration of the package, and that which an archive keeps of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.search.calibration import (
    KIND,
    AppearanceScale,
    Calibration,
    calibration_of,
    keep_scale,
    packaged_calibration,
)
from index.store.catalogue import Catalogue, models
from index.store.catalogue.models import StoredCalibration

SCALE = AppearanceScale(usual=0.3, spread=0.15, bias=-2.0, per_similarity=3.0, per_z_score=1.2, limit=7.0)


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    packaged_calibration().save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == packaged_calibration()


def test_a_file_that_is_no_calibration_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"looks": {}}')
    with pytest.raises(ArchiveError, match="retrace city calibrate"):
        Calibration.load(tmp_path / "other.json")


def test_the_archives_own_scale_comes_before_the_packaged_one(catalogue: Catalogue) -> None:
    shipped = packaged_calibration()
    with catalogue.writing() as connection:
        keep_scale(connection, "mine-1", SCALE, fitted_on="a test", at=datetime.now(UTC))
        found = calibration_of(connection, "mine-1", shipped)
        other = calibration_of(connection, "another", shipped)
    assert found.scale_of("mine-1") == SCALE
    assert found.own == ("looks weighed by this archive's own calibration",)
    assert other == shipped


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"bias": 20.0}, id="any two look the same"),
        pytest.param({"per_similarity": -3.0}, id="what is less alike is likelier"),
        pytest.param({"limit": -3.0}, id="no limit"),
        pytest.param({"spread": 0.0}, id="no spread"),
        pytest.param({"spread": "wide"}, id="no number"),
        pytest.param({"wide": 1.0}, id="another field"),
    ],
)
def test_an_archives_own_scale_that_weighs_no_looks_is_refused(
    catalogue: Catalogue, changed: dict[str, object]
) -> None:
    """In somebody else's archive every vehicle was the one asked about with more than 99 %, and nothing said why."""
    content = {**SCALE.to_document(), **changed}
    with catalogue.writing() as connection:
        models.add_calibration(connection, StoredCalibration(KIND, "mine-1", content, "a test", datetime.now(UTC)))
        with pytest.raises(ArchiveError, match="calibration of looks"):
            calibration_of(connection, "mine-1", packaged_calibration())
