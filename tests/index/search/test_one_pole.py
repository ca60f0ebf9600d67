"""Two cameras on one pole see a vehicle at once: neither rules the other out, in whatever order they see it best."""

from datetime import timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.map.places import place_book
from index.records import Coverage, NewChunk
from index.search.search import search
from index.store.catalogue import clocks
from index.store.catalogue.clocks import ClockOffset
from roadgraph.camera import Camera
from tests.index.search.straight_street import BLOCK_DEG, CAMERAS, LAT, LON, NOON, TARGET, make, others, seen

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("after_s", [0.3, 2.0, -2.0])
@pytest.mark.parametrize("asked", ["q", "w3"])
def test_both_sightings_of_one_vehicle_are_found(tmp_path: Path, asked: str, after_s: float) -> None:
    """With clocks that are right the one was 0 for the other, "the time between hardly allows the drive"."""
    with make(tmp_path, [*TARGET, *others()]) as archive:
        place_book(archive).import_cameras([Camera("beside", LAT + 0.00005, LON + BLOCK_DEG * 1.5, 90.0)])
        again = seen("again", "beside", after_s, 0, text="AB123C")
        archive.add(NewChunk(None, None, (again,), (Coverage("beside", NOON - HOUR, NOON + HOUR),)))
        with archive.catalogue.writing() as connection:
            for camera in (*CAMERAS, "beside"):
                clocks.set_offset(connection, ClockOffset(camera, 0.0, -0.5, 0.5))
        *_, ranking = search(archive, Query(sighting=asked), local_person())
    found = {one.sighting.id: one for one in ranking.candidates}
    assert (found["again"].probability or 0.0) > 0.95
    assert all((one.probability or 0.0) > 0.95 for id_, one in found.items() if id_ == "q")
    assert (
        "drive" not in found["again"].why or "fits the drive" in found["again"].why or "just what" in found["again"].why
    )
