from datetime import UTC, datetime

import pytest

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, people
from index.store.catalogue.people import Person

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_the_last_admin_stays(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        people.add(connection, Person("maria", "admin"), at=NOW)
        people.add(connection, Person("paul", "viewer"), at=NOW)
        with pytest.raises(ArchiveError, match="last admin"):
            people.set_role(connection, "maria", "viewer")
        with pytest.raises(ArchiveError, match="last admin"):
            people.remove(connection, "maria", at=NOW)
        people.set_role(connection, "paul", "admin")
        people.remove(connection, "maria", at=NOW)
        assert people.listing(connection) == [Person("paul", "admin")]
        people.add(connection, Person("maria", "viewer"), at=NOW)
        assert people.get(connection, "maria") == Person("maria", "viewer")


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person("local", "viewer"), "sits at this machine"),
        (Person("Local", "viewer"), "sits at this machine"),
        (Person("l\u043ecal", "viewer"), "sits at this machine"),
        (Person(" ", "viewer"), "without a name"),
        (Person("x", "king"), "no role"),
    ],
)
def test_an_account_needs_a_name_and_a_role(catalogue: Catalogue, person: Person, why: str) -> None:
    with pytest.raises(ArchiveError, match=why), catalogue.writing() as connection:
        people.add(connection, person, at=NOW)


@pytest.mark.parametrize("name", ["Maria", "m\u0430ria", "\uff4daria"])
def test_nobody_is_called_almost_like_somebody_whom_the_audit_knows(catalogue: Catalogue, name: str) -> None:
    with catalogue.writing() as connection:
        people.add(connection, Person("maria", "viewer"), at=NOW)
        people.remove(connection, "maria", at=NOW)
    with pytest.raises(ArchiveError, match="looks like 'maria'"), catalogue.writing() as connection:
        people.add(connection, Person(name, "viewer"), at=NOW)
