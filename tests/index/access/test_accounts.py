import pytest

from index.access.accounts import add_person, change_role, list_people, remove_person
from index.access.permissions import NotAllowedError, local_person
from index.store.archive import Archive

LOCAL = local_person()


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
