import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from index.access import audit
from index.access.accounts import add_person
from index.access.permissions import NotAllowedError, local_person
from index.map.map_changes import (
    add_cameras,
    change_mask,
    import_cameras,
    mask_of,
    masks_to_come,
    move_camera,
    set_clock,
    set_mask,
)
from index.store.archive import Archive
from index.store.catalogue import audit as chain
from index.store.catalogue import cameras as stored
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.tables import camera_masks, camera_places, cameras, clock_offsets
from reid.scene.regions import Regions
from roadgraph.camera import Camera

LOCAL = local_person()
SINCE = datetime(2026, 5, 4, tzinfo=UTC)
KEPT = [select(table) for table in (cameras, camera_places, camera_masks, clock_offsets)]


def test_only_operators_change_cameras_and_the_audit_has_it(archive: Archive) -> None:
    vera = add_person(archive, LOCAL, "vera", "viewer")
    omar = add_person(archive, LOCAL, "omar", "operator")
    with pytest.raises(NotAllowedError):
        import_cameras(archive, vera, [Camera("gate", 48.0, 11.0, None)])
    import_cameras(archive, omar, [Camera("gate", 48.0, 11.0, None)])
    with pytest.raises(NotAllowedError):
        move_camera(archive, vera, Camera("gate", 48.1, 11.0, None), datetime(2026, 5, 4, tzinfo=UTC))
    assert [entry.action for entry in audit.entries(archive, LOCAL)][-1] == "import cameras"


@pytest.mark.parametrize("change", ["move", "add", "clock", "mask"])
def test_whoever_is_stopped_changes_nothing_without_a_trace(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The row was written afterwards: on a full disk, or killed in between, the change stayed and the row was not."""
    import_cameras(archive, LOCAL, [Camera("gate", 48.0, 11.0, None)])
    changes: dict[str, Callable[[], object]] = {
        "move": lambda: move_camera(archive, LOCAL, Camera("gate", 48.1, 11.0, None), SINCE),
        "add": lambda: add_cameras(archive, LOCAL, ["bridge"]),
        "clock": lambda: set_clock(archive, LOCAL, ClockOffset("gate", 40.0, 39.0, 41.0, valid_from=SINCE)),
        "mask": lambda: set_mask(archive, LOCAL, "gate", Regions(look=(), ignore=()), SINCE),
    }

    def stopped(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with archive.catalogue.reading() as connection:
        before = [connection.execute(kind).all() for kind in KEPT]
    monkeypatch.setattr(chain, "append", stopped)
    with pytest.raises(OSError, match="No space"):
        changes[change]()
    with archive.catalogue.reading() as connection:
        assert [connection.execute(kind).all() for kind in KEPT] == before


def test_a_mask_that_is_drawn_changes_the_one_of_now_and_leaves_those_of_before(archive: Archive) -> None:
    """It was taken for all times, and those of later times were gone without a word."""
    import_cameras(archive, LOCAL, [Camera("gate", 48.0, 11.0, None)])
    first, second, drawn = (Regions(look=(((0.0, 0.0), (size, 0.0), (0.0, size)),)) for size in (0.2, 0.4, 0.6))
    change_mask(archive, LOCAL, "gate", first)
    set_mask(archive, LOCAL, "gate", second, SINCE)
    set_mask(archive, LOCAL, "gate", second, datetime(2190, 1, 1, tzinfo=UTC))
    assert masks_to_come(archive, LOCAL, "gate") == [datetime(2190, 1, 1, tzinfo=UTC)]
    change_mask(archive, LOCAL, "gate", drawn)
    assert mask_of(archive, LOCAL, "gate") == drawn
    with archive.catalogue.reading() as connection:
        assert stored.mask_at(connection, "gate", SINCE - timedelta(days=1)) == first
    assert masks_to_come(archive, LOCAL, "gate") == []
