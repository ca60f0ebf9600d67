from collections.abc import Iterator
from pathlib import Path

import pytest

from index.store.archive import Archive
from tests.case_archive import copy_archive, make_case_archive


@pytest.fixture(scope="session")
def made_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case_archive(tmp_path_factory.mktemp("case"))


@pytest.fixture
def case_archive(made_case: Path, tmp_path: Path) -> Iterator[Archive]:
    """An archive with a case, to be changed."""
    with Archive.open(copy_archive(made_case, tmp_path)) as archive:
        yield archive
