"""What Milvus may do wrong, and what is left of the answer then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.archive_file import locked
from index.store.vectors import milvus_store
from index.store.vectors.milvus_client import connected
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import MODEL, make_sighting, scores_of
from tests.index.store.vectors.test_vector_stores import QUERIES, add_in_chunks, empty_archive, slow_scores

NEWS = [make_sighting(n) for n in range(30)]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Archive]:
    with empty_archive(tmp_path, "milvus") as archive:
        add_in_chunks(archive, NEWS, 10)
        yield archive


def store(archive: Archive) -> Any:
    return archive.vectors


def right(archive: Archive) -> bool:
    return scores_of(archive, QUERIES) == pytest.approx(slow_scores(NEWS, None), abs=1e-4)


def test_a_question_with_many_windows_and_few_rows_at_once_is_the_same(
    served: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served.vectors.search(MODEL, QUERIES, None, 12)
    monkeypatch.setattr(milvus_store, "_ROWS_AT_ONCE", 7)
    assert right(served)
    monkeypatch.setattr(milvus_store, "MOST_HITS", 90)
    assert served.vectors.search(MODEL, QUERIES, None, 12) == before


def test_an_index_of_other_vectors_than_those_that_are_returned_is_noticed(
    served: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged byte of its file hid sightings from questions, and `verify` said whole."""
    monkeypatch.setattr(milvus_store, "MOST_HITS", 40)
    assert verify(served) == []
    search = store(served)._client.search

    def damaged(*given: Any, **named: Any) -> list[list[dict[str, Any]]]:
        hits = [{"id": hit["id"], "distance": hit["distance"]} for hit in search(*given, **named)[0]]
        return [[one | {"distance": -2.0} if one["id"] == "sighting-00003/1" else one for one in hits]]

    monkeypatch.setattr(store(served)._client, "search", damaged)
    assert [line for line in verify(served) if "the server differs from the catalogue" in line]


@pytest.mark.parametrize("lost", ["collection", "state file", "both"])
def test_what_the_server_or_the_folder_lost_is_filled_anew(served: Archive, lost: str) -> None:
    if lost != "state file":
        store(served)._client.drop_collection(store(served)._collection(MODEL))
    if lost != "collection":
        for path in (served.path / "vectors" / "milvus").glob("*.json"):
            path.unlink()
    served.vectors.close()
    add_in_chunks(served, [make_sighting(30)], 1)
    served.forget(["sighting-00030"])
    assert right(served)
    assert verify(served) == []


def test_another_process_loads_what_it_asks(served: Archive) -> None:
    """Each command but the one that made the collection was refused, as it was in state 'released'."""
    store(served)._client.release_collection(store(served)._collection(MODEL))
    served.vectors.close()
    assert right(served)


def test_a_collection_that_lost_its_rows_is_filled_anew(served: Archive) -> None:
    """With a damaged list of its files, milvus-lite gave no row and no error: every question found nobody."""
    store(served)._client.delete(store(served)._collection(MODEL), filter="batch > 0")
    served.vectors.close()
    assert right(served)


def test_what_milvus_lite_cannot_read_is_moved_away(served: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was asked whether it is running, and `rebuild` ended the same way."""
    from pymilvus import MilvusException

    def damaged() -> None:
        raise MilvusException(message="Could not open Parquet input source")

    monkeypatch.setattr(store(served)._client, "list_collections", damaged)
    with pytest.raises(ConnectionError, match=r"move .*milvus\.db away, it is filled anew"):
        served.vectors.rebuild()


def test_milvus_lite_is_for_one_process_at_a_time_and_the_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It printed a traceback, and the line asked whether a server is running and the password right."""
    (tmp_path / "held.db").mkdir()
    with locked(tmp_path / "held.db" / "LOCK"), pytest.raises(ConnectionError, match="for one process at a time"):
        connected(f"milvus:{tmp_path}/held.db")
    assert "Traceback" not in capsys.readouterr().err + caplog.text


def test_a_changed_row_is_noticed_and_rebuilt(served: Archive) -> None:
    collection = store(served)._collection(MODEL)
    assert verify(served) == []
    store(served)._client.delete(collection, filter='id == "sighting-00003/1"')
    assert [line for line in verify(served) if "the server differs from the catalogue" in line]
    rebuild(served)
    assert verify(served) == []
    assert right(served)


def test_a_purge_deletes_the_rows(served: Archive) -> None:
    served.forget(["sighting-00003"])
    served.vectors.wipe()
    rows = store(served)._client.query(store(served)._collection(MODEL), filter="batch > 0", output_fields=["id"])
    assert {row["id"].partition("/")[0] for row in rows} == {new.id for new in NEWS} - {"sighting-00003"}


def test_no_file_of_milvus_lite_keeps_what_was_purged(served: Archive, tmp_path: Path) -> None:
    """Deleted rows and compaction left the file of the old index, with every vector, and `verify` said whole."""
    forgotten = NEWS[3].vectors[MODEL].astype("<f2").astype("<f4")[0].tobytes()

    def holds() -> list[Path]:
        files = [path for path in (tmp_path / "milvus.db").rglob("*") if path.is_file()]
        return [path for path in files if forgotten in path.read_bytes() or NEWS[3].id.encode() in path.read_bytes()]

    assert store(served)._client.flush(store(served)._collection(MODEL)) is None
    assert holds()
    served.forget([NEWS[3].id])
    served.vectors.wipe()
    store(served)._client.flush(store(served)._collection(MODEL))
    assert holds() == []


def test_the_files_of_milvus_lite_are_for_their_owner_alone(served: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "milvus.db"
    assert folder.stat().st_mode & 0o077 == 0
    served.vectors.close()
    folder.chmod(0o755)
    assert right(served)
    assert folder.stat().st_mode & 0o077 == 0


def test_a_server_that_does_not_answer_costs_no_footage_and_is_said(tmp_path: Path, served: Archive) -> None:
    with Archive.create(tmp_path / "far", vectors_url="milvus://user:s3cret@127.0.0.1:1/town") as far:
        with far.catalogue.writing() as connection, served.catalogue.reading() as known:
            from index.store.catalogue import cameras

            cameras.put(connection, cameras.listing(known))
        add_in_chunks(far, NEWS[:3], 3)
        with pytest.raises(ConnectionError, match=r"127\.0\.0\.1 does not answer") as refused:
            far.vectors.search(MODEL, QUERIES, None, 3)
        assert "s3cret" not in str(refused.value)


def test_a_url_without_a_server_is_refused(tmp_path: Path) -> None:
    with (
        Archive.create(tmp_path / "a", vectors_url="milvus:nowhere") as archive,
        pytest.raises(ArchiveError, match="names no server"),
    ):
        archive.vectors.rebuild()
