"""Draw the page of an archive again and again without a server or a browser, and tell what each touch reads."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from index.store.catalogue import Catalogue, Connection
from ui.web import app
from ui.web.context import ARCHIVE_VARIABLE


def touches_s(archive: Path, touches: int) -> list[float]:
    """Return for how many seconds each touch of an idle page reads the catalogue, what it makes of it included."""
    with patch.dict(os.environ, {ARCHIVE_VARIABLE: str(archive)}), _reading() as spent:
        page = AppTest.from_file(app.__file__, default_timeout=60).run()
        taken = []
        for _ in range(touches):
            before_s = spent[0]
            page.run()
            taken.append(spent[0] - before_s)
        assert not page.exception, page.exception
    return taken


@contextmanager
def _reading() -> Iterator[list[float]]:
    """Give the seconds that pass while the catalogue is read, summed up."""
    spent, read = [0.0], Catalogue.reading

    @contextmanager
    def reading(catalogue: Catalogue) -> Iterator[Connection]:
        began = time.perf_counter()
        with read(catalogue) as connection:
            yield connection
        spent[0] += time.perf_counter() - began

    with patch.object(Catalogue, "reading", reading):
        yield spent
