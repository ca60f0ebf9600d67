from datetime import UTC, datetime

import pytest

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, cases
from index.store.catalogue.cases import Case

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_case_number_is_given_once_and_a_closed_case_takes_no_marks(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cases.add(connection, Case("7", "hit and run", "x", NOW))
        with pytest.raises(ArchiveError, match="exists already"):
            cases.add(connection, Case("7", "again", "x", NOW))
        with pytest.raises(ArchiveError, match="no sighting"):
            cases.mark(connection, cases.Mark("7", "nobody", "yes", "x", NOW))
        assert cases.close(connection, "7", at=NOW).closed_at == NOW
        with pytest.raises(ArchiveError, match="was closed"):
            cases.mark(connection, cases.Mark("7", "nobody", "yes", "x", NOW))


@pytest.mark.parametrize("number", ["a-117", "\uff21-117", "\u0410-117"])
def test_no_case_is_called_almost_like_another(catalogue: Catalogue, number: str) -> None:
    with catalogue.writing() as connection:
        cases.add(connection, Case("A-117", "", "x", NOW))
    with pytest.raises(ArchiveError, match="looks like case 'A-117'"), catalogue.writing() as connection:
        cases.add(connection, Case(number, "", "x", NOW))


@pytest.mark.parametrize("title", ["x" * 1001, "a\x00b"])
def test_titles_have_an_end_and_no_nul(catalogue: Catalogue, title: str) -> None:
    with pytest.raises(ArchiveError, match="title"), catalogue.writing() as connection:
        cases.add(connection, Case("7", title, "x", NOW))
