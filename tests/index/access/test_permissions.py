from typing import Any

import pytest

from index.access import audit, permissions
from index.access.accounts import add_person, change_role, remove_person
from index.access.cases import list_cases, open_case, read_case
from index.access.permissions import NotAllowedError, Permission, allows, local_person, require
from index.store.archive import Archive
from index.store.catalogue.people import Person

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
def test_a_role_allows_its_permissions_only(archive: Archive, role: str, may: set[Permission]) -> None:
    person = add_person(archive, LOCAL, "maria", role)
    assert {permission for permission in Permission if allows(archive, person, permission)} == may


def test_permissions_end_with_the_account_and_change_with_the_role(archive: Archive) -> None:
    add_person(archive, LOCAL, "boss", "admin")
    maria = add_person(archive, LOCAL, "maria", "admin")
    require(archive, maria, Permission.PURGE)
    change_role(archive, LOCAL, "maria", "viewer")
    with pytest.raises(NotAllowedError, match="may not purge"):
        require(archive, maria, Permission.PURGE)
    remove_person(archive, LOCAL, "maria")
    with pytest.raises(NotAllowedError):
        require(archive, maria, Permission.SEE)


def test_nothing_is_done_by_an_account_that_was_removed_meanwhile(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question for permission and the change somebody may take it away."""
    add_person(archive, LOCAL, "boss", "admin")
    maria = add_person(archive, LOCAL, "maria", "investigator")

    def allow_then_remove(*asked: Any) -> None:
        require(*asked)
        monkeypatch.undo()
        remove_person(archive, LOCAL, "maria")

    monkeypatch.setattr(permissions, "require", allow_then_remove)
    with pytest.raises(NotAllowedError, match="maria"):
        open_case(archive, maria, "7", "")
    assert list_cases(archive, LOCAL) == []


def test_nobody_becomes_local_by_name(archive: Archive) -> None:
    with pytest.raises(NotAllowedError):
        require(archive, Person("local", "viewer"), Permission.SEE)
    with pytest.raises(NotAllowedError):
        require(archive, Person("stranger", "admin"), Permission.SEE)


def test_a_viewer_reads_neither_cases_nor_the_audit(archive: Archive) -> None:
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
