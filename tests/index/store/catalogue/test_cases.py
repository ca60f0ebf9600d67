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
