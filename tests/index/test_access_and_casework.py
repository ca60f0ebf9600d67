from datetime import UTC, datetime

import pytest

from index.archive import Archive, NewChunk
from index.catalogue import cases
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.office import audit
from index.office.access import NotAllowedError, Permission, allows, local_person, require
from index.office.accounts import add_person, change_role, list_people, remove_person
from index.office.casework import close_case, list_cases, mark_sighting, open_case, read_case
from index.office.mapwork import import_cameras, move_camera
from roadgraph.camera import Camera
from tests.index.conftest import make_sighting

LOCAL = local_person()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", {Permission.SEE}),
        ("investigator", {Permission.SEE, Permission.SEARCH, Permission.CASES}),
        ("operator", {Permission.SEE, Permission.INGEST}),
        ("auditor", {Permission.AUDIT}),
        ("admin", set(Permission)),
    ],
)
def test_a_role_allows_what_it_says(archive: Archive, role: str, may: set[Permission]) -> None:
    person = add_person(archive, LOCAL, "maria", role)
    assert {permission for permission in Permission if allows(archive, person, permission)} == may


def test_rights_end_with_the_account_and_change_with_the_role(archive: Archive) -> None:
    add_person(archive, LOCAL, "boss", "admin")
    maria = add_person(archive, LOCAL, "maria", "admin")
    require(archive, maria, Permission.PURGE)
    change_role(archive, LOCAL, "maria", "viewer")
    with pytest.raises(NotAllowedError, match="may not purge"):
        require(archive, maria, Permission.PURGE)
    remove_person(archive, LOCAL, "maria")
    with pytest.raises(NotAllowedError):
        require(archive, maria, Permission.SEE)


def test_nobody_becomes_local_by_name(archive: Archive) -> None:
    with pytest.raises(NotAllowedError):
        require(archive, Person("local", "viewer"), Permission.SEE)
    with pytest.raises(NotAllowedError):
        require(archive, Person("stranger", "admin"), Permission.SEE)


def test_only_an_admin_changes_accounts(archive: Archive) -> None:
    paul = add_person(archive, LOCAL, "paul", "investigator")
    with pytest.raises(NotAllowedError):
        add_person(archive, paul, "friend", "admin")
    with pytest.raises(NotAllowedError):
        change_role(archive, paul, "paul", "admin")
    with pytest.raises(NotAllowedError):
        remove_person(archive, paul, "paul")
    with pytest.raises(NotAllowedError):
        list_people(archive, paul)


def test_only_some_read_cases_and_the_audit(archive: Archive) -> None:
    paul = add_person(archive, LOCAL, "paul", "viewer")
    open_case(archive, LOCAL, "7", "")
    assert read_case(archive, LOCAL, "7").case.id == "7"
    with pytest.raises(NotAllowedError):
        list_cases(archive, paul)
    with pytest.raises(NotAllowedError):
        read_case(archive, paul, "7")
    with pytest.raises(NotAllowedError):
        audit.entries(archive, paul)
    with pytest.raises(NotAllowedError):
        audit.check(archive, paul)


def test_the_last_word_on_a_sighting_counts_and_all_is_on_record(archive: Archive) -> None:
    archive.add(NewChunk(None, None, (make_sighting(1), make_sighting(2))))
    open_case(archive, LOCAL, "2026-7", "hit and run")
    for sighting, verdict in (("sighting-00001", "yes"), ("sighting-00002", "no"), ("sighting-00001", "unsure")):
        mark_sighting(archive, LOCAL, "2026-7", sighting, verdict)
    with archive.catalogue.reading() as connection:
        said = [(mark.sighting, mark.verdict) for mark in cases.marks_of(connection, "2026-7")]
    assert said == [("sighting-00002", "no"), ("sighting-00001", "unsure")]
    close_case(archive, LOCAL, "2026-7")
    with pytest.raises(ArchiveError, match="was closed"):
        mark_sighting(archive, LOCAL, "2026-7", "sighting-00001", "yes")
    actions = [(entry.action, entry.case) for entry in audit.entries(archive, LOCAL)]
    assert actions == [("open case", "2026-7"), *[("mark sighting", "2026-7")] * 3, ("close case", "2026-7")]
    assert audit.check(archive, LOCAL).ok


def test_what_is_refused_leaves_no_row(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no case"):
        mark_sighting(archive, LOCAL, "none", "sighting-00001", "yes")
    open_case(archive, LOCAL, "1", "")
    with pytest.raises(ArchiveError, match="no verdict"):
        mark_sighting(archive, LOCAL, "1", "sighting-00001", "maybe")
    assert [entry.action for entry in audit.entries(archive, LOCAL)] == ["open case"]


def test_cameras_are_changed_by_operators_alone_and_on_the_record(archive: Archive) -> None:
    vera = add_person(archive, LOCAL, "vera", "viewer")
    omar = add_person(archive, LOCAL, "omar", "operator")
    with pytest.raises(NotAllowedError):
        import_cameras(archive, vera, [Camera("gate", 48.0, 11.0, None)])
    import_cameras(archive, omar, [Camera("gate", 48.0, 11.0, None)])
    with pytest.raises(NotAllowedError):
        move_camera(archive, vera, Camera("gate", 48.1, 11.0, None), datetime(2026, 5, 4, tzinfo=UTC))
    assert [entry.action for entry in audit.entries(archive, LOCAL)][-1] == "import cameras"
