"""Plates are listed by how probable it is that they fit."""

from dataclasses import replace

import pytest

from index.access import audit
from index.access.permissions import local_person
from index.records import NewChunk, NewSighting
from index.search.plate_search import find_plates
from index.store.archive import Archive
from reid.errors import SeeingError
from reid.vehicle import Plate
from tests.index.conftest import make_sighting


def read_as(number: int, *positions: dict[str, float]) -> NewSighting:
    best = "".join(max(position, key=position.__getitem__) for position in positions)
    new = make_sighting(number, text=best, shots=1)
    return replace(new, plate=Plate(new.box, (), best, 0.9, positions))


def test_the_most_probable_comes_first_and_equals_by_time(archive_on_each: Archive) -> None:
    news = (
        read_as(0, {"K": 1.0}, {"8": 0.7, "B": 0.3}),
        read_as(1, {"K": 1.0}, {"B": 1.0}),
        read_as(2, {"K": 1.0}, {"B": 1.0}),
        read_as(3, {"W": 1.0}, {"B": 1.0}),
    )
    archive_on_each.add(NewChunk(None, None, news))
    found = find_plates(archive_on_each, local_person(), "KB")
    assert [one.sighting.id[-1] for one in found] == ["1", "2", "0"]
    assert found[0].probability == found[1].probability > 0.9 > 0.4 > found[2].probability > 0.2
    assert len(find_plates(archive_on_each, local_person(), "*B*", limit=2)) == 2


def test_who_asked_for_which_plate_is_written_down_and_nonsense_is_not(archive: Archive) -> None:
    find_plates(archive, local_person(), "KR*", reason="theft")
    with pytest.raises(SeeingError, match="says nothing"):
        find_plates(archive, local_person(), "*")
    asked = [entry for entry in audit.entries(archive, local_person()) if entry.action == "find plates"]
    assert [(entry.detail, entry.reason) for entry in asked] == [({"pattern": "KR*"}, "theft")]
