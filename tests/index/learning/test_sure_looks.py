"""Sightings that look alike, and that no rival looks nearly as alike as, teach travel times where there is no road."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.learning import camera_views
from index.learning.sure_looks import sure_looks
from index.map.places import current_places, place_book
from index.records import NewChunk, NewSighting
from index.search.calibration import ANY_MODEL, AppearanceScale, Calibration, EvidenceWeights, FittedOn
from index.store.archive import Archive
from tests.index.conftest import DIMS, MODEL, make_sighting

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
SCALE = AppearanceScale(usual=0.0, spread=0.2, bias=-4.0, per_similarity=12.0, per_z_score=0.0, limit=8.0)


@pytest.fixture(autouse=True)
def calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Calibration({ANY_MODEL: SCALE}, EvidenceWeights(), 1.0, 3.0, FittedOn("2026-05-04", (1,), 1, 2, 1))
    monkeypatch.setattr(camera_views, "packaged_calibration", lambda: made)


def seen(number: int, camera: str, time: datetime, look: np.ndarray) -> NewSighting:
    made = make_sighting(number, camera=camera, shots=1)
    shots = tuple(replace(shot, time=time) for shot in made.shots)
    vectors = {MODEL: look[None].astype(np.float32)}
    return replace(made, first=time, best=time, last=time, shots=shots, vectors=vectors, edge=None)


def test_only_looks_without_a_rival_are_sure(tmp_path: Path) -> None:
    looks = np.linalg.qr(np.random.default_rng(1).standard_normal((DIMS, DIMS)))[0][:4]
    # The last two vehicles are twins.
    looks[3] = looks[2]
    with Archive.create(tmp_path / "archive") as archive:
        place_book(archive).add_cameras(["gate", "yard"])
        sightings = []
        for vehicle, look in enumerate(looks):
            start = NINE + timedelta(minutes=vehicle)
            sightings.append(seen(2 * vehicle, "gate", start, look))
            sightings.append(seen(2 * vehicle + 1, "yard", start + timedelta(seconds=70), look))
        archive.add(NewChunk(None, None, tuple(sightings)))
        with archive.catalogue.reading() as connection:
            found = sure_looks(connection, current_places(archive), {})
    assert [(pair.first, pair.second, pair.elapsed_s) for pair in found.pairs] == [("gate", "yard", 70.0)] * 2
    assert [pair.at for pair in found.pairs] == [NINE, NINE + timedelta(minutes=1)]
    # Nothing else looks like these two.
    assert 0 < found.wrong_share < 0.05
