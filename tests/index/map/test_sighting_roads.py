"""Which road a vehicle took is read from where its camera stood, also where that is written down only later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from index.access.browse import get_sighting
from index.access.permissions import local_person
from index.learning.clocks import learn_clocks
from index.map.map_changes import forget_clock, import_cameras, import_roads, move_camera, set_clock
from index.map.places import ROADS_FILE, current_places
from index.map.sighting_roads import roads_taken
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import footage, sighting_digests
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.footage import Footage
from roadgraph.camera import Camera
from tests.index.conftest import EIGHT, make_sighting
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

HERE = Camera("a", LAT0, LON0 + 0.5 * STEP, 90.0)
TURNED, ELSEWHERE = replace(HERE, bearing_deg=270.0), replace(HERE, lat=LAT0 + STEP)
HOUR = timedelta(hours=1)
DRIVES_AWAY = 0.0


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Two vehicles an hour apart drive away from a camera that looks east."""
    with Archive.create(tmp_path / "archive") as made:
        import_roads(made, local_person(), write_osm(tmp_path / "town.osm", rows=5, columns=6))
        import_cameras(made, local_person(), [HERE])
        seen = make_sighting(0, camera="a")
        looks = replace(seen.attributes, heading_deg=DRIVES_AWAY)
        first = replace(seen, attributes=looks, edge=road(made, DRIVES_AWAY))
        later = {name: getattr(seen, name) + HOUR for name in ("first", "best", "last")}
        shots = tuple(replace(shot, time=shot.time + HOUR) for shot in seen.shots)
        made.add(NewChunk(None, None, (first, replace(first, id="later", shots=shots, **later)), ()))
        yield made


def road(archive: Archive, heading_deg: float) -> int:
    """Return the road that the camera sees now whose vehicles have this heading in the picture."""
    (placed,) = current_places(archive).placed
    (found,) = (view.edge for view in placed.views if view.heading_deg == pytest.approx(heading_deg, abs=1.0))
    return found


def taken(archive: Archive) -> tuple[int | None, int | None]:
    """Return the roads of both vehicles, as rows that are whole."""
    with archive.catalogue.reading() as connection:
        assert list(sighting_digests.damaged(connection)) == []
    first, later = (get_sighting(archive, id_, local_person()).edge for id_ in ("sighting-00000", "later"))
    return first, later


def street(archive: Archive, edge: int | None) -> str:
    """Return the name of a road."""
    assert edge is not None
    return current_places(archive).roads.name(edge)


def half_past(archive: Archive) -> datetime:
    """Return the time between the two vehicles."""
    return get_sighting(archive, "sighting-00000", local_person()).best + HOUR / 2


def test_what_a_camera_saw_since_it_was_turned_drives_the_other_way(archive: Archive) -> None:
    east = road(archive, DRIVES_AWAY)
    move_camera(archive, local_person(), TURNED, half_past(archive))
    assert taken(archive) == (east, road(archive, DRIVES_AWAY))
    assert road(archive, DRIVES_AWAY) != east


def test_what_a_camera_saw_since_it_was_moved_is_on_the_road_there(archive: Archive) -> None:
    move_camera(archive, local_person(), ELSEWHERE, half_past(archive))
    assert [street(archive, edge) for edge in taken(archive)] == ["Row 0", "Row 1"]


def test_a_place_that_is_corrected_corrects_the_roads_of_before(archive: Archive) -> None:
    import_cameras(archive, local_person(), [ELSEWHERE])
    assert taken(archive) == (road(archive, DRIVES_AWAY),) * 2
    assert street(archive, taken(archive)[0]) == "Row 1"


def test_without_a_bearing_nobody_knows_the_road(archive: Archive) -> None:
    import_cameras(archive, local_person(), [replace(HERE, bearing_deg=None)])
    assert taken(archive) == (None, None)


def test_a_clock_that_is_corrected_tells_where_a_moved_camera_stood(archive: Archive) -> None:
    move_camera(archive, local_person(), TURNED, half_past(archive))
    before = taken(archive)
    set_clock(archive, local_person(), ClockOffset("a", 3600.0, 3599.0, 3601.0))
    assert taken(archive) == (before[0], before[0])
    forget_clock(archive, local_person(), "a", ALWAYS)
    assert taken(archive) == before


def test_a_clock_that_is_learned_tells_where_a_moved_camera_stood(archive: Archive) -> None:
    """The road was that of the place before, though a minute later by the clock that was learned."""
    minute = timedelta(minutes=1)
    move_camera(archive, local_person(), TURNED, EIGHT + HOUR + minute)
    turned = road(archive, DRIVES_AWAY)
    assert turned not in taken(archive)
    with archive.catalogue.writing() as connection:
        for number in range(4):
            start = EIGHT + (28 + 12 * number) * minute
            footage.add(connection, Footage(f"{number}", f"{number}.mp4", "a", start, 600.0), at=start)
    learn_clocks(archive, local_person())
    assert taken(archive)[1] == turned != taken(archive)[0]


def test_while_the_map_is_lost_the_roads_stay_as_they_are(archive: Archive) -> None:
    before = taken(archive)
    (archive.path / ROADS_FILE).unlink()
    import_cameras(archive, local_person(), [HERE])
    assert taken(archive) == before


def test_what_comes_after_a_camera_was_turned_has_the_road_by_true_time(archive: Archive) -> None:
    east, looks_east_until = road(archive, DRIVES_AWAY), half_past(archive)
    move_camera(archive, local_person(), TURNED, looks_east_until)
    seen = make_sighting(1, camera="a")
    begun = replace(seen, attributes=replace(seen.attributes, heading_deg=DRIVES_AWAY), edge=east)
    late = replace(begun, id="late", **{name: getattr(seen, name) + HOUR for name in ("first", "best", "last")})
    archive.add(NewChunk(None, None, (begun, late)), record=roads_taken((begun, late)))
    with archive.catalogue.reading() as connection:
        assert list(sighting_digests.damaged(connection)) == []
    roads = [get_sighting(archive, one.id, local_person()).edge for one in (begun, late)]
    assert roads == [east, road(archive, DRIVES_AWAY)]
