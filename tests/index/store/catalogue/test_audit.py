from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, audit, cases
from index.store.catalogue.cases import Case

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def write_audit(catalogue: Catalogue, rows: int) -> None:
    for number in range(rows):
        with catalogue.writing() as connection:
            audit.append(connection, at=NOW, person="maria", action="search", detail={"n": number}, reason="ü")


def test_an_unchanged_chain_is_right(catalogue: Catalogue) -> None:
    write_audit(catalogue, 3)
    with catalogue.reading() as connection:
        chain = audit.check(connection)
        entries = list(audit.listing(connection))
        newest = list(audit.listing(connection, newest=1))
    assert (chain.ok, chain.rows, chain.head) == (True, 3, entries[-1].digest)
    assert [entry.detail["n"] for entry in entries] == [0, 1, 2]
    assert newest == entries[-1:]


def test_rows_dated_before_the_one_before_them_are_named(catalogue: Catalogue) -> None:
    for year in (2026, 2016, 2016, 2136, 2026):
        with catalogue.writing() as connection:
            audit.append(connection, at=NOW.replace(year=year), person="maria", action="search", detail={})
    with catalogue.reading() as connection:
        chain = audit.check(connection)
    assert chain.ok
    assert chain.back_at == (2, 5)


def test_rows_that_are_added_at_once_make_one_chain(catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write_audit(catalogue, 4), range(4)))
    with catalogue.reading() as connection:
        chain = audit.check(connection)
    assert (chain.ok, chain.rows) == (True, 16)


def test_a_row_about_a_case_is_in_the_chain_where_the_case_exists(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cases.add(connection, Case("7", "", "maria", NOW))
        audit.append(connection, at=NOW, person="maria", action="search", detail={}, case="7")
    with pytest.raises(ArchiveError, match="no case '8'"), catalogue.writing() as connection:
        audit.append(connection, at=NOW, person="maria", action="search", detail={}, case="8")
    with catalogue.reading() as connection:
        assert [entry.case for entry in audit.listing(connection)] == ["7"]


@pytest.mark.parametrize("reason", ["x" * 1001, "a\x00b", "\x1b[2K", "a\nb", "\u202egpj"])
def test_reasons_that_nobody_can_read_are_refused(catalogue: Catalogue, reason: str) -> None:
    with pytest.raises(ArchiveError, match="reason"), catalogue.writing() as connection:
        audit.append(connection, at=NOW, person="maria", action="search", detail={}, reason=reason)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        pytest.param("UPDATE audit SET person = 'paul' WHERE number = 2", 2, id="changed"),
        pytest.param("DELETE FROM audit WHERE number = 2", 2, id="deleted"),
        pytest.param("DELETE FROM audit WHERE number = 3", 3, id="cut off"),
        pytest.param("UPDATE audit SET reason = NULL WHERE number = 1", 1, id="reason wiped"),
    ],
)
def test_a_changed_chain_is_noticed(catalogue: Catalogue, tampering: str, broken_at: int) -> None:
    write_audit(catalogue, 3)
    with catalogue.writing() as connection:
        connection.exec_driver_sql(tampering)
    with catalogue.reading() as connection:
        assert audit.check(connection).broken_at == broken_at
