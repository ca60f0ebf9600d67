"""Keep and search the vectors of an archive in Milvus, one collection a model, which follows the catalogue.

Milvus chooses by camera, time and inner product; the score of what it returns is computed anew from the float16 values
that the catalogue holds, so that it is the same as in files.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from index.records import Description, Window
from index.store.archive_file import ArchiveFile, locked, make_folder, write_text
from index.store.catalogue import Catalogue, Connection, models, vectors
from index.store.catalogue.columns import to_micros
from index.store.catalogue.vectors import BatchState, StoredVectors
from index.store.catalogue.windows import Windows
from index.store.vectors.hits import ANY, Hit, Scores
from index.store.vectors.milvus_client import answering, connected, is_embedded
from index.store.vectors.milvus_index import IndexCheck
from reid.arrays import Floats32

MOST_HITS = 16_384
"""Milvus answers with so many rows at most."""

_ROWS_AT_ONCE = 2_000
_WINDOWS_AT_ONCE = 200
_SIGHTINGS_AT_ONCE = 20_000
_NAME_CHARACTERS = 512
_FIELDS = 2
"""Counts the changes of a collection's fields: one of before is left alone, and dropped by a rebuild."""
_EVERYTHING = "batch > 0"
_NOTHING = BatchState(0, 0)


class MilvusVectors:
    """The vectors of one archive on a Milvus server, or in a file of milvus-lite."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self._folder = file.folder / "vectors" / "milvus"
        self._archive = file.id.replace("-", "")
        self._catalogue = catalogue
        self._url = file.vectors or ""
        self._connected: Any | None = None
        self._seen: dict[str, BatchState] = {}

    @property
    def _client(self) -> Any:
        """Connect when the first vector is needed: the archive opens without the server."""
        if self._connected is None:
            self._connected = connected(self._url)
        return self._connected

    def search(
        self,
        model: str,
        queries: Floats32,
        windows: Sequence[Window] | None,
        k: int,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> list[Hit]:
        """Return the k sightings most like any of the queries (q, d), best first, each by its best shot."""
        best: dict[str, Hit] = {}
        if self._follow(model) and len(queries) and k:
            for condition in _conditions(windows, description):
                for sighting, shot, score in self._nearest(model, queries, condition, k):
                    known = best.get(sighting)
                    if known is None or (-score, shot) < (-known.score, known.shot):
                        best[sighting] = Hit(sighting, shot, score)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(
        self,
        model: str,
        queries: Floats32,
        windows: Sequence[Window] | None,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> Scores:
        """Return the best score of every sighting in the windows, over its shots and all queries."""
        best: dict[str, float] = {}
        if self._follow(model) and len(queries):
            for condition in _conditions(windows, description):
                for rows in self._rows(model, condition, ["vector"]):
                    products = np.max([_products(rows, query) for query in queries], axis=0)
                    for row, score in zip(rows, products.tolist(), strict=True):
                        sighting = _shot(row["id"])[0]
                        best[sighting] = max(score, best.get(sighting, -np.inf))
        return Scores(np.array([id_.encode() for id_ in best], np.bytes_), np.array(list(best.values()), np.float32))

    def add(self, model: str, sightings: Sequence[StoredVectors]) -> None:
        """Bring the server up to what the catalogue has committed, these sightings included."""
        self._follow(model)

    def wipe(self) -> None:
        """Delete from the server what the catalogue no longer holds, and let it free the space.

        milvus-lite keeps files of what was deleted for as long as the collection is there, so that is filled anew.
        """
        if is_embedded(self._url):
            self.rebuild()
            return
        for model in self._known():
            if self._follow(model):
                with answering(self._url):
                    self._client.flush(self._collection(model))
                    self._client.compact(self._collection(model))

    def rebuild(self) -> None:
        """Delete the archive's collections, those of models that are gone too, and fill them from the catalogue."""
        with answering(self._url):
            for name in self._client.list_collections():
                if name.startswith(f"retrace_{self._archive}_"):
                    self._client.drop_collection(name)
        for path in self._folder.glob("*.json"):
            path.unlink()
        self._seen = {}
        for model in self._known():
            self._follow(model)

    def problems(self) -> list[str]:
        """Compare every vector on the server with the catalogue."""
        return [
            f"vectors of {model}: the server differs from the catalogue: run retrace rebuild"
            for model in self._known()
            if self._follow(model) and not self._is_whole(model)
        ]

    def close(self) -> None:
        """Close the connection."""
        if self._connected is not None:
            self._connected.close()
        self._connected, self._seen = None, {}

    def _known(self) -> list[str]:
        with self._catalogue.reading() as connection:
            known = [model.id for model in models.listing(connection)]
            followed = [unquote(path.stem) for path in self._folder.glob("*.json")]
            return [m for m in dict.fromkeys([*known, *followed]) if vectors.state(connection, m) != _NOTHING]

    def _follow(self, model: str) -> bool:
        """Bring the model's collection up to the catalogue; return whether there is one."""
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, model)
        if state == _NOTHING:
            return False
        if self._seen.get(model) != state:
            make_folder(self._folder)
            # One process at a time brings changes over; the others find them done.
            with locked(self._folder / "lock"), answering(self._url):
                self._seen[model] = self._bring_over(model)
        return True

    def _bring_over(self, model: str) -> BatchState:
        place = self._folder / f"{quote(model, safe='')}.json"
        name = self._collection(model)
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, model)
            known = self._brought_over(name, place)
            if known == _NOTHING:
                self._make_collection(name, models.dims_of(connection, model))
            log = [] if known == _NOTHING else vectors.removals(connection, model, known.removals, state.removals)
            for batches in _parts(sorted({batch for _, batch in log}), _ROWS_AT_ONCE):
                self._client.delete(name, filter=f"batch in {batches}")
            for rows in _parts(self._rows_of(connection, model, known.newest, state.newest), _ROWS_AT_ONCE):
                self._client.upsert(name, rows)
        written = {"newest": max(known.newest, state.newest), "removals": state.removals, "rows": self._count(name)}
        write_text(place, json.dumps(written))
        return state

    def _brought_over(self, name: str, place: Path) -> BatchState:
        """Return what a collection holds, nothing where that is unknown: then it is filled anew.

        Of a damaged list of its files, milvus-lite says nothing and takes the collection for an empty one: every
        question would find nobody.
        """
        if not self._client.has_collection(name):
            return _NOTHING
        # milvus-lite answers from no collection that this process did not load.
        self._client.load_collection(name)
        known, rows = _read_state(place)
        return known if rows in (None, self._count(name)) else _NOTHING

    def _count(self, name: str) -> int:
        return int(self._client.query(name, filter=_EVERYTHING, output_fields=["count(*)"])[0]["count(*)"])

    def _rows_of(self, connection: Connection, model: str, after: int, upto: int) -> Iterator[dict[str, Any]]:
        while batches := vectors.first_numbers_in(
            connection, model, after + 1, upto + 1, sightings_wanted=_SIGHTINGS_AT_ONCE
        ):
            for batch, one in vectors.of_batches(connection, model, batches):
                for shot, vector in enumerate(one.matrix.astype(np.float32)):
                    place = {"id": f"{one.sighting}/{shot}", "camera": one.camera, "best": to_micros(one.best)}
                    looks = {"type": one.description.type or "", "colour": one.description.colour or ""}
                    yield place | looks | {"batch": batch, "vector": vector}
            after = batches[-1]

    def _make_collection(self, name: str, dims: int) -> None:
        from pymilvus import DataType

        if self._client.has_collection(name):
            self._client.drop_collection(name)
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, max_length=_NAME_CHARACTERS, is_primary=True)
        for column in ("camera", "type", "colour"):
            schema.add_field(column, DataType.VARCHAR, max_length=_NAME_CHARACTERS)
        schema.add_field("best", DataType.INT64)
        schema.add_field("batch", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dims)
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="IP")
        for column in ("camera", "best", "type", "colour", "batch"):
            index.add_index(column, index_type="INVERTED")
        self._client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
        self._client.load_collection(name)

    def _nearest(self, model: str, queries: Floats32, condition: str, k: int) -> list[tuple[str, int, float]]:
        """Return (sighting, shot, score) of rows that hold the k best sightings for each of the queries.

        They are asked together. A sighting has several rows: where too few sightings came, more rows are asked for.
        """
        limit, found = 4 * k, []
        while len(queries):
            limit = min(limit, MOST_HITS)
            with answering(self._url):
                answers = self._client.search(
                    self._collection(model),
                    list(queries),
                    filter=condition,
                    limit=limit,
                    output_fields=["vector"],
                    anns_field="vector",
                )
            again = []
            for place, hits in enumerate(answers):
                rows = [{"id": hit["id"], "vector": hit["entity"]["vector"]} for hit in hits]
                if limit <= len(rows) < MOST_HITS and len({_shot(row["id"])[0] for row in rows}) < k:
                    again.append(place)
                elif rows:
                    scores = _products(rows, queries[place]).tolist()
                    found += [(*_shot(row["id"]), score) for row, score in zip(rows, scores, strict=True)]
            queries, limit = queries[again], 4 * limit
        return found

    def _rows(self, model: str, condition: str, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows that fulfil a condition, many at a time."""
        with answering(self._url):
            rows = self._client.query_iterator(
                self._collection(model),
                filter=condition,
                output_fields=["id", *columns],
                batch_size=_ROWS_AT_ONCE,
            )
            while part := rows.next():
                yield list(part)
            rows.close()

    def _is_whole(self, model: str) -> bool:
        with self._catalogue.reading() as connection:
            state, dims = vectors.state(connection, model), models.dims_of(connection, model)
            index = IndexCheck(dims)
            expected = {}
            for row in self._rows_of(connection, model, 0, state.newest):
                expected[row["id"]] = _digest(row)
                index.expect(row)
        found = {}
        for rows in self._rows(model, _EVERYTHING, ["camera", "best", "type", "colour", "batch", "vector"]):
            found.update({row["id"]: _digest(row) for row in rows})
        with answering(self._url):
            return found == expected and index.holds(self._client, self._collection(model), MOST_HITS)

    def _collection(self, model: str) -> str:
        """Return a name of the letters, digits and underscores that Milvus allows, for any id of a model."""
        return f"retrace_{self._archive}_{hashlib.sha256(f'{_FIELDS} {model}'.encode()).hexdigest()[:16]}"


def _conditions(windows: Sequence[Window] | None, description: Description) -> Iterator[str]:
    """Yield conditions that together mean the windows and the description."""
    stated = [("type", description.type), ("colour", description.colour)]
    looks = "".join(f" and {name} == {json.dumps(value, ensure_ascii=False)}" for name, value in stated if value)
    for condition in [_EVERYTHING] if windows is None else _windows_as_conditions(windows):
        yield f"({condition}){looks}"


def _windows_as_conditions(windows: Sequence[Window]) -> Iterator[str]:
    """Yield conditions that together mean the windows; windows of one time share a list of cameras."""
    cameras_of: dict[tuple[int, int], set[str]] = {}
    columns = Windows.of(windows)
    for camera, first, last in zip(columns.cameras, *columns.times.T.tolist(), strict=True):
        cameras_of.setdefault((first, last), set()).add(camera)
    for part in _parts(sorted(cameras_of.items()), _WINDOWS_AT_ONCE):
        yield " or ".join(
            f"(camera in {json.dumps(sorted(cameras), ensure_ascii=False)} and best >= {first} and best <= {last})"
            for (first, last), cameras in part
        )


def _parts(items: Iterable[Any], at_once: int) -> Iterator[list[Any]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == at_once:
            yield part
            part = []
    if part:
        yield part


def _read_state(path: Path) -> tuple[BatchState, int | None]:
    """Return how far the server was brought, nothing where that is unknown, and how many rows it had then."""
    try:
        content = json.loads(path.read_text("utf-8"))
        rows = content.get("rows")
        return BatchState(int(content["newest"]), int(content["removals"])), None if rows is None else int(rows)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return _NOTHING, None


def _shot(id_: str) -> tuple[str, int]:
    sighting, _, shot = id_.rpartition("/")
    return sighting, int(shot)


def _products(rows: Sequence[dict[str, Any]], query: Floats32) -> Floats32:
    """Return the inner product of each row, the same whatever rows are beside it."""
    products: Floats32 = (np.array([row["vector"] for row in rows], np.float32) * query).sum(axis=1)
    return products


def _digest(row: dict[str, Any]) -> tuple[Any, ...]:
    vector = np.asarray(row["vector"], np.float32).tobytes()
    return *(row[name] for name in ("camera", "best", "type", "colour", "batch")), hashlib.sha256(vector).digest()
