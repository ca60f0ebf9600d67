import os
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from index.records import Description, NewChunk, NewSighting, Window
from index.store.archive import Archive
from index.store.vectors import compact_codes, gpu, merging, segment_files
from index.store.vectors.faiss_store import FaissVectors
from index.store.vectors.hits import ANY
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from reid.vehicle import Attributes
from tests.index.conftest import EIGHT, MODEL, make_sighting

COUNT = 400


@pytest.fixture
def coded(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Two segments with codes and a few small ones without."""
    monkeypatch.setattr(compact_codes, "CODED_FROM", 300)
    monkeypatch.setattr(compact_codes, "CANDIDATES", 60)
    monkeypatch.setattr(compact_codes, "OF_A_SEGMENT", 50)
    monkeypatch.setattr(compact_codes, "EXACT_UP_TO", 2 * COUNT)
    monkeypatch.setattr(merging, "FULL", 200)
    for first in range(0, COUNT, 20):
        archive.add(NewChunk(None, None, tuple(described(n) for n in range(first, first + 20))))
    return archive


def described(number: int) -> NewSighting:
    """One of five is a bus, one of fifty a motorcycle."""
    type_ = "motorcycle" if number % 50 == 1 else "bus" if number % 5 == 0 else "car"
    return replace(make_sighting(number), attributes=Attributes({type_: 1.0}, {"red": 1.0}))


def files(archive: Archive) -> list[Path]:
    return sorted((archive.path / "vectors").rglob("*" + compact_codes.SUFFIX))


def queries() -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    near = np.concatenate([make_sighting(n).vectors[MODEL][:1] for n in range(0, COUNT, 20)])
    made = near + 0.1 * rng.standard_normal(near.shape)
    return [row[None].astype(np.float32) / np.linalg.norm(row) for row in made]


def exact(
    archive: Archive, query: np.ndarray, k: int, windows: list[Window] | None = None, description: Description = ANY
) -> list[str]:
    scores = archive.vectors.all_scores(MODEL, query, windows, description=description)
    order = np.lexsort((scores.ids, -scores.values))[:k]
    return [id_.decode() for id_ in scores.ids[order].tolist()]


def found(archive: Archive, query: np.ndarray, k: int) -> list[str]:
    return [hit.sighting for hit in archive.vectors.search(MODEL, query, None, k)]


def test_nearly_all_of_the_most_similar_are_found_by_codes_with_their_exact_scores(
    coded: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(files(coded)) >= 2
    asked = []
    of_segment = compact_codes._of_segment
    monkeypatch.setattr(compact_codes, "_of_segment", lambda *given: asked.append(given[0]) or of_segment(*given))
    shares = [len(set(found(coded, q, 20)) & set(exact(coded, q, 20))) / 20 for q in queries()]
    assert len(asked) == len(queries()) * len(files(coded))
    assert np.mean(shares) >= 0.995
    for query in queries():
        scores = coded.vectors.all_scores(MODEL, query, None)
        by_id = dict(zip(scores.ids.tolist(), scores.values.tolist(), strict=True))
        hits = coded.vectors.search(MODEL, query, None, 20)
        assert [hit.score for hit in hits] == [by_id[hit.sighting.encode()] for hit in hits]


@pytest.mark.parametrize("damage", ["gone", "cut off", "a bit flipped", "of another segment"])
def test_without_good_codes_the_answer_is_exact(coded: Archive, damage: str) -> None:
    first, second = files(coded)[:2]
    content = bytearray(first.read_bytes())
    if damage == "gone":
        first.unlink()
    elif damage == "cut off":
        first.write_bytes(content[:-100])
    elif damage == "a bit flipped":
        content[len(content) // 2] ^= 4
        first.write_bytes(content)
    else:
        first.write_bytes(second.read_bytes())
    with Archive.open(coded.path) as again:
        for query in queries():
            assert set(found(again, query, 5)) == set(exact(again, query, 5))
        rebuild(again)
        assert files(again)


def test_what_was_forgotten_is_no_candidate(coded: Archive) -> None:
    ids = [f"sighting-{n:05d}" for n in range(0, COUNT, 20)]
    coded.forget(ids)
    shares = []
    for query in queries():
        assert not set(found(coded, query, 20)) & set(ids)
        shares.append(len(set(found(coded, query, 5)) & set(exact(coded, query, 5))) / 5)
    assert np.mean(shares) >= 0.95


def test_codes_of_purged_vectors_are_deleted(coded: Archive) -> None:
    before = {path: path.read_bytes() for path in files(coded)}
    coded.forget(["sighting-00003"])
    coded.vectors.wipe()
    held = [path for path, content in before.items() if path.exists() and path.read_bytes() == content]
    assert len(held) == len(before) - 1
    (coded.path / "vectors" / MODEL / ("lost" + compact_codes.SUFFIX)).write_bytes(b"of no segment")
    coded.vectors.wipe()
    assert not [path for path in files(coded) if path.name.startswith("lost")]


def test_questions_with_windows_need_no_codes(coded: Archive) -> None:
    assert isinstance(coded.vectors, FaissVectors)
    for path in files(coded):
        path.write_bytes(b"damaged")
    window = Window("a", EIGHT, EIGHT + timedelta(seconds=10 * COUNT))
    assert len(coded.vectors.search(MODEL, queries()[0], [window], 300)) == COUNT // 2
    assert all(path.exists() for path in files(coded))


ALWAYS = [Window(camera, EIGHT, EIGHT + timedelta(days=1)) for camera in "ab"]


@pytest.mark.parametrize("type_", [None, "car", "bus", "motorcycle", "truck"])
@pytest.mark.parametrize("windows", [None, ALWAYS])
def test_a_description_and_wide_windows_are_answered_by_codes(
    coded: Archive, type_: str | None, windows: list[Window] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact_codes, "EXACT_UP_TO", 0)
    shares = []
    for query in queries():
        hits = coded.vectors.search(MODEL, query, windows, 10, description=Description(type_))
        assert all(type_ in (None, described(int(hit.sighting[-5:])).attributes.type) for hit in hits)
        right = exact(coded, query, 10, windows, Description(type_))
        assert len(hits) == len(right)
        shares.append(len({hit.sighting for hit in hits} & set(right)) / max(len(right), 1))
    assert np.mean(shares) >= (0 if type_ == "truck" else 0.995)


def test_a_description_that_no_candidate_fits_is_answered_exactly(coded: Archive) -> None:
    """All that is alike is a car, and a bus is asked for."""
    vectors = coded.vectors
    query = queries()[0]
    first = vectors.search(MODEL, query, None, 5, description=Description("bus"), threads=2)
    assert [hit.sighting for hit in first] == exact(coded, query, 5, None, Description("bus"))


def test_several_pictures_are_answered_in_one_scan_of_the_codes(coded: Archive) -> None:
    """Each picture's best sightings are found, whatever the others look like."""
    several = np.concatenate(queries()[:4])
    right = exact(coded, several, 20)
    one, two = (coded.vectors.search(MODEL, several, None, 20, threads=threads) for threads in (1, 2))
    assert one == two
    assert len({hit.sighting for hit in one} & set(right)) >= 19


class _FlatIndex:
    """What an index on a GPU answers, by numpy: the true products, at most `gpu.MOST` of them."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors.astype(np.float32)

    def search(self, queries: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
        assert most <= gpu.MOST
        products = queries @ self.vectors.T
        rows = np.argsort(-products, axis=1, kind="stable")[:, :most]
        return np.take_along_axis(products, rows, axis=1), rows


@pytest.mark.parametrize("most", [4, 40, 2048])
@pytest.mark.parametrize("description", [ANY, Description("bus")])
def test_an_index_that_gives_few_rows_leaves_nothing_out(
    coded: Archive, most: int, description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is cut off before what is wanted, the segment is scored exactly."""
    made: list[_FlatIndex] = []
    monkeypatch.setattr(gpu, "MOST", most)
    monkeypatch.setattr(compact_codes, "EXACT_UP_TO", 0)
    monkeypatch.setattr(
        "index.store.vectors.segment_folder.on_gpu", lambda rows: made.append(_FlatIndex(rows)) or made[-1]
    )
    for query in queries():
        found = coded.vectors.search(MODEL, query, None, 10, description=description)
        assert [hit.sighting for hit in found] == exact(coded, query, 10, None, description)
    assert len(made) == len(files(coded))


@pytest.mark.gpu
def test_a_gpu_finds_what_the_processor_finds(coded: Archive) -> None:
    for query in queries():
        assert found(coded, query, 10) == exact(coded, query, 10)
    assert any(index.most for index in coded.vectors._of(MODEL)._codes.values())


def test_codes_whose_sizes_are_not_those_of_their_segment_are_never_read(coded: Archive) -> None:
    """They may come with somebody's archive, and the reader of FAISS believes whatever sizes a file says."""
    query = queries()[0]
    path = files(coded)[0]
    head = len(compact_codes._MAGIC)
    kept = path.read_bytes()
    content = kept[head + 2 * compact_codes._CRC_BYTES :] + bytes(1 << 20)
    crc = zlib.crc32(content).to_bytes(compact_codes._CRC_BYTES, "little")
    path.write_bytes(kept[:head] + crc + kept[head + compact_codes._CRC_BYTES :][: compact_codes._CRC_BYTES] + content)
    with Archive.open(coded.path) as again:
        assert set(found(again, query, 5)) == set(exact(again, query, 5))
    assert not path.exists()


@pytest.mark.parametrize("edit", ["the codes of one vector", "all codes", "the code book"])
def test_codes_that_hide_vectors_are_noticed(coded: Archive, edit: str) -> None:
    """Their checksum has no key: `verify` said whole, and no question over the whole archive found the vehicle."""
    assert verify(coded) == []
    path = files(coded)[0]
    segment = segment_files.read_segment(next(path.parent.glob(path.stem + "-*.segment")))
    head = len(compact_codes._MAGIC) + 2 * compact_codes._CRC_BYTES
    content = bytearray(path.read_bytes()[head:])
    codes = compact_codes.read_codes(path.with_name(f"{path.stem}-0.segment"), segment)
    book = codes.pq.centroids.size() * 4
    if edit == "the code book":
        content[:book] = bytes(book)
    elif edit == "all codes":
        content[book:] = bytes(len(content) - book)
    else:
        vectors = segment.vectors.astype(np.float32)
        vectors[7] *= -1
        other = compact_codes._empty(vectors.shape[1])
        compact_codes.faiss.copy_array_to_vector(np.frombuffer(content[:book], "<f4"), other.pq.centroids)
        other.is_trained = True
        other.add(vectors)
        content[book:] = compact_codes.faiss.AlignedTable_to_array(other.codes).tobytes()
    kept = path.read_bytes()
    crc = zlib.crc32(content).to_bytes(compact_codes._CRC_BYTES, "little")
    place = len(compact_codes._MAGIC)
    path.write_bytes(kept[:place] + crc + kept[place + compact_codes._CRC_BYTES : head] + content)
    assert [line for line in verify(coded) if "compact codes differ from the vectors" in line]
    rebuild(coded)
    assert verify(coded) == []


def test_codes_of_terabytes_are_not_read(coded: Archive) -> None:
    path = files(coded)[0]
    os.truncate(path, 1 << 40)
    with Archive.open(coded.path) as again:
        assert set(found(again, queries()[0], 5)) == set(exact(again, queries()[0], 5))
    assert not path.exists()
