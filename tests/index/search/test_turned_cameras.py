"""A heading in the picture of a camera that was turned since means another direction."""

from datetime import UTC, datetime, timedelta

import pytest

from index.records import SightingBrief
from index.search.turned_cameras import headings_as_posed
from index.store.catalogue.cameras import StoredCamera
from roadgraph.way_past import Pose, road_or_way

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SEEN = [(SightingBrief(id_, "a", at, at, at, None), at) for id_, at in (("before", NOON - MINUTE), ("after", NOON))]
AHEAD = {"before": 10.0, "after": 10.0}


def camera(lat: float, bearing_deg: float | None) -> list[StoredCamera]:
    """Return the places of a camera that looked east until noon."""
    return [
        StoredCamera("a", 48.0, 15.0, 90.0, valid_to=NOON),
        StoredCamera("a", lat, 15.0, bearing_deg, valid_from=NOON),
    ]


def test_what_a_turned_camera_saw_drives_the_other_way() -> None:
    read = headings_as_posed(AHEAD, SEEN, camera(48.0, 270.0), {"a": Pose(48.0, 15.0, 90.0)})
    assert read == {"before": pytest.approx(10.0), "after": pytest.approx(190.0)}
    ways = [road_or_way(None, read[id_]) for id_ in ("before", "after")]
    assert ways == [-1, -3]


@pytest.mark.parametrize(("lat", "bearing_deg"), [(48.1, 90.0), (48.0, None)])
def test_of_another_place_or_a_bearing_nobody_knows_no_heading_is_read(lat: float, bearing_deg: float | None) -> None:
    read = headings_as_posed(AHEAD, SEEN, camera(lat, bearing_deg), {"a": Pose(48.0, 15.0, 90.0)})
    assert read == {"before": pytest.approx(10.0)}


def test_a_camera_that_was_never_moved_needs_no_place() -> None:
    assert headings_as_posed(AHEAD, SEEN, [], {}) == AHEAD
