"""Stored plates are embedded by a new verifier, all of them or none, and none twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from index.access.permissions import local_person
from index.learning import reembedding
from index.learning.reembedding import embed_plates
from index.records import NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import models, plates, vectors
from index.upkeep.verify import verify
from reid.arrays import Floats
from reid.plates.verify import PlateAppearance
from reid.vehicle import Corners, Image
from tests.index.plated import CORNERS, PatternVerifier, plated

SECOND = "patterns-2"


@dataclass
class CountingVerifier:
    """Embeds like the pattern verifier, counts, and stops after so many sightings."""

    model_id: str = SECOND
    stops_after: int | None = None
    seen: list[int] = field(default_factory=list)

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        if self.stops_after is not None and len(self.seen) >= self.stops_after:
            raise KeyboardInterrupt
        self.seen.append(len(plates))
        return PatternVerifier().appearance(plates)

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        return PatternVerifier().llr(first, second)

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return PatternVerifier().coarse_llr(cosines, first_px, second_px)


def without_corners(new: NewSighting) -> NewSighting:
    return replace(new, shots=tuple(replace(shot, plate=None) for shot in new.shots), plate_vectors={})


def in_use(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [model.id for model in models.listing(connection, kind="plate_vector")]


def rows_of(archive: Archive, model: str) -> dict[str, int]:
    with archive.catalogue.reading() as connection:
        ids = [f"sighting-{n:05d}" for n in range(20)]
        return {id_: len(matrix) for id_, matrix in vectors.of_sightings(connection, model, ids).items()}


def ignored(count: int) -> None:
    pass


def test_known_plates_are_embedded_and_the_new_model_is_used(archive_on_each: Archive) -> None:
    archive = archive_on_each
    archive.add(NewChunk(None, None, tuple(plated(n, None if n == 2 else n) for n in range(5))))
    assert in_use(archive) == ["patterns-1"]
    assert embed_plates(archive, local_person(), CountingVerifier(), None, ignored) == 4
    assert in_use(archive)[-1] == SECOND
    assert rows_of(archive, SECOND) == {f"sighting-{n:05d}": 2 for n in (0, 1, 3, 4)}
    assert verify(archive) == []
    again = CountingVerifier()
    assert embed_plates(archive, local_person(), again, None, ignored) == 0
    assert again.seen == []


def test_plates_that_were_never_searched_for_are_located(archive: Archive) -> None:
    archive.add(NewChunk(None, None, tuple(without_corners(plated(n, None if n == 1 else n)) for n in range(3))))
    verifier = PatternVerifier()
    assert embed_plates(archive, local_person(), verifier, None, ignored) == 0

    def locate(image: Image) -> Corners | None:
        return CORNERS if np.ptp(image[60:80, 30:90].astype(int)) > 100 else None

    assert embed_plates(archive, local_person(), verifier, locate, ignored) == 2
    with archive.catalogue.reading() as connection:
        shown = plates.shots_by_sighting(connection, [f"sighting-{n:05d}" for n in range(3)])
    assert {id_: [shot.corners for shot in shots] for id_, shots in shown.items()} == {
        "sighting-00000": [CORNERS, CORNERS],
        "sighting-00002": [CORNERS, CORNERS],
    }
    assert verify(archive) == []


def test_a_stopped_run_continues_and_the_old_model_is_used_until_then(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reembedding, "BATCH_SIGHTINGS", 2)
    archive.add(NewChunk(None, None, tuple(plated(n, n) for n in range(6))))
    with pytest.raises(KeyboardInterrupt):
        embed_plates(archive, local_person(), CountingVerifier(stops_after=3), None, ignored)
    assert in_use(archive) == ["patterns-1"]
    counts: list[int] = []
    rest = CountingVerifier()
    assert embed_plates(archive, local_person(), rest, None, counts.append) == 4
    assert (len(rest.seen), counts, in_use(archive)[-1]) == (4, [2, 4], SECOND)
    assert len(rows_of(archive, SECOND)) == 6
