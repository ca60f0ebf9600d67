from datetime import UTC, datetime

import pytest

from index.access import audit
from index.access.accounts import add_person
from index.access.permissions import NotAllowedError, local_person
from index.map.map_changes import import_cameras, move_camera
from index.store.archive import Archive
from roadgraph.camera import Camera

LOCAL = local_person()


def test_only_operators_change_cameras_and_the_audit_has_it(archive: Archive) -> None:
    vera = add_person(archive, LOCAL, "vera", "viewer")
    omar = add_person(archive, LOCAL, "omar", "operator")
    with pytest.raises(NotAllowedError):
        import_cameras(archive, vera, [Camera("gate", 48.0, 11.0, None)])
    import_cameras(archive, omar, [Camera("gate", 48.0, 11.0, None)])
    with pytest.raises(NotAllowedError):
        move_camera(archive, vera, Camera("gate", 48.1, 11.0, None), datetime(2026, 5, 4, tzinfo=UTC))
    assert [entry.action for entry in audit.entries(archive, LOCAL)][-1] == "import cameras"
