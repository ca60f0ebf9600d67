import functools
import json
import os
import zlib
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Description, Window
from index.store.catalogue.vectors import StoredVectors
from index.store.catalogue.windows import Windows
from index.store.vectors import merging, scanning, segment_files
from index.store.vectors.segments import (
    Segment,
    Span,
    alive_spans,
    from_stored,
    gaps_between,
    joined,
    joined_covers,
)
from index.store.vectors.slices import SegmentSlice
from tests.index.conftest import EIGHT

DIMS = 8
DESCRIPTIONS = [
    Description("car", "red"),
    Description("bus", None),
    Description(None, "red"),
    Description("car", "red"),
]
spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def stored(numbers: range, *, batch: int = 1) -> list[tuple[int, StoredVectors]]:
    """Sightings of three cameras, one to three shots each, some at the same moment."""
    made = []
    for number in numbers:
        rng = np.random.default_rng(number)
        matrix = rng.standard_normal((1 + number % 3, DIMS)).astype("<f2")
        best = EIGHT + timedelta(seconds=number // 2)
        made.append(
            (batch, StoredVectors(f"s{number}", f"camera {number % 3}", best, DESCRIPTIONS[number % 4], matrix))
        )
    return made


def segment_of(numbers: range, *, batch: int = 1) -> Segment:
    return from_stored("model", DIMS, stored(numbers, batch=batch), covers=[(batch, batch + 1)], removals=3)


def same(one: Segment, other: Segment) -> bool:
    names = ("vectors", "rows", "best", "batch", "ids", "described")
    names_of = (one.model, one.cameras, one.covers, one.removals, one.descriptions)
    return names_of == (other.model, other.cameras, other.covers, other.removals, other.descriptions) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in names
    )


@given(spans)
def test_joined_spans_hold_what_the_spans_held(many: list[tuple[int, int]]) -> None:
    whole = joined(np.array(many, np.int64).reshape(-1, 2)).tolist()
    assert {n for start, end in whole for n in range(start, end)} == {n for s, e in many for n in range(s, e)}
    assert all(end < start for (_, end), (start, _) in pairwise(whole))


@given(spans, st.sets(st.integers(0, 30)))
def test_dead_positions_are_cut_out_of_spans(many: list[Span], dead: set[int]) -> None:
    parts = alive_spans(joined(np.array(many, np.int64).reshape(-1, 2)), np.array(sorted(dead), dtype=np.int64))
    assert [n for start, end in parts for n in range(start, end)] == sorted(
        {n for span in many for n in range(*span)} - dead
    )


@given(spans, st.integers(0, 30))
def test_gaps_are_all_that_the_spans_leave(many: list[Span], end: int) -> None:
    whole = joined_covers(many)
    covered = {n for span in whole for n in range(*span)}
    gaps = list(gaps_between(whole, end))
    assert [n for gap in gaps for n in range(*gap)] == [n for n in range(end) if n not in covered]
    assert all(first < last for first, last in gaps)


def test_a_window_is_a_slice_of_its_camera() -> None:
    segment = segment_of(range(60))
    window = Window("camera 1", EIGHT + timedelta(seconds=5), EIGHT + timedelta(seconds=11))
    ((start, end),) = segment.slices(Windows.of([window, window, Window("nowhere", EIGHT, EIGHT)]))
    found = sorted(int(id_[1:]) for id_ in segment.ids[start:end].tolist())
    assert found == [n for n in range(60) if n % 3 == 1 and 5 <= n // 2 <= 11]


def test_a_file_gives_back_the_segment(tmp_path: Path) -> None:
    segment = segment_of(range(50))
    path = segment_files.write_segment(tmp_path, segment)
    assert same(segment_files.read_segment(path), segment)
    assert segment_files.write_segment(tmp_path, segment) == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_segment_without_sightings_still_says_what_it_covers(tmp_path: Path) -> None:
    segment = segment_of(range(0), batch=9)
    read = segment_files.read_segment(segment_files.write_segment(tmp_path, segment))
    assert same(read, segment)
    assert (len(read), read.covers, read.slices(None).tolist()) == (0, ((9, 10),), [])


@pytest.mark.parametrize("damage", [b"", b"not a segment, but long enough to hold its first line", None])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    path = segment_files.write_segment(tmp_path, segment_of(range(5)))
    path.write_bytes(path.read_bytes()[:-8] if damage is None else damage)
    with pytest.raises(segment_files.SegmentFileError):
        segment_files.read_segment(path)


def test_any_bit_that_flips_outside_the_vectors_is_noticed(tmp_path: Path) -> None:
    """Flipped rows and ids would let a search read beyond the vectors, take all memory, or name a wrong sighting."""
    segment = segment_of(range(9))
    path = segment_files.write_segment(tmp_path, segment)
    whole = path.read_bytes()
    first = whole.index(segment.vectors.tobytes())
    vectors = range(first, first + segment.vectors.nbytes)
    rng = np.random.default_rng(0)
    for place in (n for n in range(len(whole)) if n not in vectors):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            # Only what fills up to the alignment may differ: nobody reads it.
            assert same(segment_files.read_segment(path), segment), place
            assert whole[place] == 0
        except segment_files.SegmentFileError:
            pass


@pytest.mark.parametrize("k", [1, 5, 1000])
def test_scanned_products_equal_those_of_numpy(k: int) -> None:
    segment = segment_of(range(60))
    query = np.random.default_rng(1).standard_normal(DIMS).astype(np.float32)
    spans = np.array([(3, 10), (20, 21), (40, 70)])
    rows = np.concatenate([np.arange(*span) for span in spans])
    products = segment.vectors.astype(np.float32)[rows] @ query
    ((found, scores),) = scanning.nearest_rows(segment.vectors, spans, query[None], k)
    order = np.argsort(-products)[:k]
    assert set(found.tolist()) == set(rows[order].tolist())
    assert np.allclose(np.sort(scores), np.sort(products[order]), atol=1e-5)
    assert np.allclose(scanning.best_products(segment.vectors, spans, query[None]), products, atol=1e-5)


def test_a_question_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="the vectors of this model 8 each"):
        scanning.nearest_rows(segment_of(range(5)).vectors, np.array([(0, 3)]), np.zeros((1, DIMS - 1), np.float32), 3)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_question_that_is_not_finite_is_refused(number: float) -> None:
    query = np.full(DIMS, number, np.float32)
    with pytest.raises(ValueError, match="not finite"):
        scanning.nearest_rows(segment_of(range(5)).vectors, np.array([(0, 3)]), query[None], 3)


def test_a_row_that_is_not_finite_gets_no_score() -> None:
    vectors = segment_of(range(60)).vectors.copy()
    vectors[[4, 50]] = np.nan
    query = np.ones(DIMS, np.float32)
    spans = np.array([(0, 8), (40, 60)])
    rows = np.concatenate([np.arange(*span) for span in spans])
    np.full(len(rows), 7.0, np.float32)  # Freed at once: what is not written would read as 7.
    scores = scanning.best_products(vectors, spans, query[None])
    damaged = np.isin(rows, [4, 50])
    assert np.isneginf(scores[damaged]).all()
    assert np.allclose(scores[~damaged], vectors[rows[~damaged]].astype(np.float32) @ query, atol=1e-5)
    ((found, _),) = scanning.nearest_rows(vectors, spans, query[None], len(rows))
    assert set(found.tolist()) == set(rows[~damaged].tolist())


def test_nothing_to_scan_finds_nothing() -> None:
    nowhere, query = np.empty((0, 2), np.int64), np.zeros((1, DIMS), np.float32)
    ((rows, scores),) = scanning.nearest_rows(segment_of(range(5)).vectors, nowhere, query, 3)
    assert (len(rows), len(scores)) == (0, 0)


def test_merged_segments_equal_one_made_at_once() -> None:
    parts = [segment_of(range(n, n + 7), batch=n) for n in range(0, 63, 7)]
    whole = merging.merge(parts, [np.arange(7)] * 9, removals=5)
    together = [one for n in range(0, 63, 7) for one in stored(range(n, n + 7), batch=n)]
    covers = [(n, n + 1) for n in range(0, 63, 7)]
    assert same(whole, from_stored("model", DIMS, together, covers=covers, removals=5))


def test_merging_leaves_out_what_no_longer_counts() -> None:
    parts = [segment_of(range(n, n + 7), batch=n) for n in range(0, 21, 7)]
    alive = [np.arange(7), np.empty(0, np.intp), np.arange(7)]
    whole = merging.merge(parts, alive, covers=[(0, 8), (8, 15)], removals=5)
    kept = [*stored(range(7), batch=0), *stored(range(14, 21), batch=14)]
    assert same(whole, from_stored("model", DIMS, kept, covers=[(0, 15)], removals=5))


def test_only_enough_segments_of_about_one_size_are_merged() -> None:
    small = {f"small{n}": 60 for n in range(merging.FAN)}
    large = {"large": 5000, "full": merging.FULL}
    assert merging.choose_to_merge(small | large) == sorted(small)
    assert merging.choose_to_merge(dict(list(small.items())[1:]) | large) == []


@given(spans, st.integers(1, 12))
def test_several_queries_get_what_each_gets_alone(many: list[Span], k: int) -> None:
    rng = np.random.default_rng(k)
    vectors = rng.standard_normal((40, DIMS)).astype("<f2")
    vectors[7], vectors[8] = np.inf, vectors[9]
    queries = rng.standard_normal((3, DIMS)).astype(np.float32)
    chosen = joined(np.array(many, np.int64).reshape(-1, 2))
    alone = [scanning.best_products(vectors, chosen, query[None]) for query in queries]
    assert np.array_equal(scanning.best_products(vectors, chosen, queries), np.max(alone, axis=0))
    for query, (rows, products) in zip(queries, scanning.nearest_rows(vectors, chosen, queries, k), strict=True):
        ((own_rows, own_products),) = scanning.nearest_rows(vectors, chosen, query[None], k)
        assert rows.tolist() == own_rows.tolist()
        assert products.tolist() == own_products.tolist()


@given(spans, st.sets(st.integers(0, 3)))
def test_a_slice_holds_the_sightings_in_its_spans_that_fit(many: list[Span], fitting: set[int]) -> None:
    segment = segment_of(range(31))
    chosen = joined(np.minimum(np.array(many, np.int64).reshape(-1, 2), len(segment)))
    allowed = np.array([place in fitting for place in range(len(segment.descriptions))])
    one = SegmentSlice(segment, chosen, allowed, 1.0)
    inside = [n for start, end in chosen.tolist() for n in range(start, end) if allowed[segment.described[n]]]
    assert [n for start, end in one.sightings().tolist() for n in range(start, end)] == inside
    rows = np.arange(len(segment.vectors))
    owners = np.searchsorted(segment.rows, rows, side="right") - 1
    assert one.holds(rows).tolist() == [owner in set(inside) for owner in owners.tolist()]


def test_a_merged_segment_does_not_grow_past_full() -> None:
    sizes = {f"{n}": merging.FULL // 3 for n in range(9)}
    assert merging.choose_to_merge(sizes) == sorted(sizes)[:3]
    assert merging.choose_to_merge(dict.fromkeys(sizes, merging.FULL - 1)) == []


Change = Callable[[dict[str, Any], list[np.ndarray]], None]
VECTORS, ROWS, BEST, BATCH, IDS, DESCRIBED = range(6)


def header_of(**values: object) -> Change:
    return lambda header, arrays: header.update(values)


def array_of(number: int, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def changed(header: dict[str, Any], arrays: list[np.ndarray]) -> None:
        arrays[number] = change(arrays[number])

    return changed


def with_last(value: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda array: np.append(array[:-1], np.int64(value))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(array_of(ROWS, lambda rows: rows * 1_000_000), id="rows beyond the vectors"),
        pytest.param(array_of(ROWS, with_last(10**12)), id="a last row far beyond"),
        pytest.param(array_of(ROWS, lambda rows: -rows), id="rows below the first"),
        pytest.param(array_of(ROWS, lambda rows: rows[::-1].copy()), id="rows that fall"),
        pytest.param(array_of(ROWS, np.zeros_like), id="sightings without vectors"),
        pytest.param(array_of(ROWS, lambda rows: rows[:3]), id="fewer rows than sightings"),
        pytest.param(array_of(ROWS, lambda rows: rows.astype("<f8")), id="rows of another kind"),
        pytest.param(array_of(VECTORS, lambda vectors: vectors[:1]), id="a single vector"),
        pytest.param(array_of(VECTORS, lambda vectors: vectors.view(np.uint8)[:, :DIMS].copy()), id="half the bytes"),
        pytest.param(array_of(VECTORS, lambda vectors: vectors[:, :0]), id="vectors of no numbers"),
        pytest.param(array_of(DESCRIBED, lambda places: places + 60_000), id="a description that is not there"),
        pytest.param(array_of(BEST, lambda best: best[::-1].copy()), id="times out of order"),
        pytest.param(array_of(BEST, lambda best: best[:0]), id="no times"),
        pytest.param(array_of(IDS, lambda ids: ids.astype("U20")), id="ids of another kind"),
        pytest.param(header_of(cameras=[["camera 0", 0, 10**9]]), id="a camera of a billion sightings"),
        pytest.param(header_of(cameras=[]), id="sightings of no camera"),
        pytest.param(header_of(cameras=[[["camera 0"], 0, 9]]), id="a camera that is a list"),
        pytest.param(header_of(descriptions=[[{}, []]] * 3), id="a description that is no text"),
        pytest.param(header_of(covers=[[0.5, 1e300]]), id="batches between the numbers"),
        pytest.param(header_of(covers=[[5, 6], [1, 2]]), id="batches out of order"),
        pytest.param(header_of(covers=[[2 * n, 2 * n + 1] for n in range(20_000)]), id="very many ranges of batches"),
        pytest.param(header_of(covers=[[0, 2**80]]), id="batches that no database has"),
    ],
)
def test_a_file_whose_checksum_is_right_is_not_believed(tmp_path: Path, change: Change) -> None:
    """It may come with somebody's archive: compiled code read past the vectors, and answered from what lay there."""
    path = segment_files.write_segment(tmp_path, segment_of(range(9)))
    segment = segment_files.read_segment(path)
    arrays = [segment.vectors, segment.rows, segment.best, segment.batch, segment.ids, segment.described]
    header: dict[str, Any] = {
        "model": segment.model,
        "cameras": [[camera, *span] for camera, span in segment.cameras.items()],
        "covers": segment.covers,
        "descriptions": [[one.type, one.colour] for one in segment.descriptions],
    }
    path.write_bytes(file_of(header, arrays))
    assert same(segment_files.read_segment(path), segment)
    change(header, arrays)
    path.write_bytes(file_of(header, arrays))
    with pytest.raises(segment_files.SegmentFileError):
        segment_files.read_segment(path)


@pytest.mark.parametrize("length", [2**36, 2**63])
def test_a_header_that_says_it_is_longer_than_memory_is_not_read(tmp_path: Path, length: int) -> None:
    path = tmp_path / "0000000001-0000000001-00000000-0000000000.segment"
    path.write_bytes(segment_files._MAGIC + length.to_bytes(8, "little") + b"sums")
    os.truncate(path, 2**37)
    with pytest.raises(segment_files.SegmentFileError, match="longer"):
        segment_files.read_segment(path)


def file_of(header: dict[str, Any], arrays: list[np.ndarray]) -> bytes:
    """A segment file as a writer makes it, with right checksums, of whatever content."""
    crc = segment_files._crc32(arrays[1:])
    kinds = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({**header, "arrays": kinds, "crc32": crc}).encode()
    top = segment_files._MAGIC + len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little") + text
    return functools.reduce(
        lambda made, array: made + bytes(-len(made) % 64) + np.ascontiguousarray(array).tobytes(), arrays, top
    )
