from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Window
from index.store.catalogue.vectors import StoredVectors
from index.store.vectors import faiss_store, merging, segments
from index.store.vectors.segments import (
    Segment,
    Span,
    TimeWindows,
    alive_spans,
    from_stored,
    gaps_between,
    joined,
    joined_covers,
)
from tests.index.conftest import EIGHT

DIMS = 8
spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def stored(numbers: range, *, batch: int = 1) -> list[tuple[int, StoredVectors]]:
    """Sightings of three cameras, one to three shots each, some at the same moment."""
    made = []
    for number in numbers:
        rng = np.random.default_rng(number)
        matrix = rng.standard_normal((1 + number % 3, DIMS)).astype("<f2")
        best = EIGHT + timedelta(seconds=number // 2)
        made.append((batch, StoredVectors(f"s{number}", f"camera {number % 3}", best, matrix)))
    return made


def segment_of(numbers: range, *, batch: int = 1) -> Segment:
    return from_stored("model", DIMS, stored(numbers, batch=batch), covers=[(batch, batch + 1)], removals=3)


def same(one: Segment, other: Segment) -> bool:
    names = ("vectors", "rows", "best", "batch", "ids")
    names_of = (one.model, one.cameras, one.covers, one.removals)
    return names_of == (other.model, other.cameras, other.covers, other.removals) and all(
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
    ((start, end),) = segment.slices(TimeWindows.of([window, window, Window("nowhere", EIGHT, EIGHT)]))
    found = sorted(int(id_[1:]) for id_ in segment.ids[start:end].tolist())
    assert found == [n for n in range(60) if n % 3 == 1 and 5 <= n // 2 <= 11]


def test_a_file_gives_back_the_segment(tmp_path: Path) -> None:
    segment = segment_of(range(50))
    path = segments.write_segment(tmp_path, segment)
    assert same(segments.read_segment(path), segment)
    assert segments.write_segment(tmp_path, segment) == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_segment_without_sightings_still_says_what_it_covers(tmp_path: Path) -> None:
    segment = segment_of(range(0), batch=9)
    read = segments.read_segment(segments.write_segment(tmp_path, segment))
    assert same(read, segment)
    assert (len(read), read.covers, read.slices(None).tolist()) == (0, ((9, 10),), [])


@pytest.mark.parametrize("damage", [b"", b"not a segment, but long enough to hold its first line", None])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    path = segments.write_segment(tmp_path, segment_of(range(5)))
    path.write_bytes(path.read_bytes()[:-8] if damage is None else damage)
    with pytest.raises(segments.SegmentFileError):
        segments.read_segment(path)


def test_any_bit_that_flips_outside_the_vectors_is_noticed(tmp_path: Path) -> None:
    """Flipped rows and ids would let a search read beyond the vectors, take all memory, or name a wrong sighting."""
    segment = segment_of(range(9))
    path = segments.write_segment(tmp_path, segment)
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
            assert same(segments.read_segment(path), segment), place
            assert whole[place] == 0
        except segments.SegmentFileError:
            pass


@pytest.mark.parametrize("k", [1, 5, 1000])
def test_scanned_products_equal_those_of_numpy(k: int) -> None:
    segment = segment_of(range(60))
    query = np.random.default_rng(1).standard_normal(DIMS).astype(np.float32)
    spans = np.array([(3, 10), (20, 21), (40, 70)])
    rows = np.concatenate([np.arange(*span) for span in spans])
    products = segment.vectors.astype(np.float32)[rows] @ query
    found, scores = faiss_store.nearest_rows(segment.vectors, spans, query, k)
    order = np.argsort(-products)[:k]
    assert set(found.tolist()) == set(rows[order].tolist())
    assert np.allclose(np.sort(scores), np.sort(products[order]), atol=1e-5)
    assert np.allclose(faiss_store.inner_products(segment.vectors, spans, query), products, atol=1e-5)


def test_a_question_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="the vectors of this model 8 each"):
        faiss_store.nearest_rows(segment_of(range(5)).vectors, np.array([(0, 3)]), np.zeros(DIMS - 1, np.float32), 3)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_question_that_is_not_finite_is_refused(number: float) -> None:
    query = np.full(DIMS, number, np.float32)
    with pytest.raises(ValueError, match="not finite"):
        faiss_store.nearest_rows(segment_of(range(5)).vectors, np.array([(0, 3)]), query, 3)


def test_a_row_that_is_not_finite_gets_no_score() -> None:
    vectors = segment_of(range(60)).vectors.copy()
    vectors[[4, 50]] = np.nan
    query = np.ones(DIMS, np.float32)
    spans = np.array([(0, 8), (40, 60)])
    rows = np.concatenate([np.arange(*span) for span in spans])
    np.full(len(rows), 7.0, np.float32)  # Freed at once: what is not written would read as 7.
    scores = faiss_store.inner_products(vectors, spans, query)
    damaged = np.isin(rows, [4, 50])
    assert np.isneginf(scores[damaged]).all()
    assert np.allclose(scores[~damaged], vectors[rows[~damaged]].astype(np.float32) @ query, atol=1e-5)
    found, _ = faiss_store.nearest_rows(vectors, spans, query, len(rows))
    assert set(found.tolist()) == set(rows[~damaged].tolist())


def test_nothing_to_scan_finds_nothing() -> None:
    rows, scores = faiss_store.nearest_rows(
        segment_of(range(5)).vectors, np.empty((0, 2), np.int64), np.zeros(DIMS, np.float32), 3
    )
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


def test_a_merged_segment_does_not_grow_past_full() -> None:
    sizes = {f"{n}": merging.FULL // 3 for n in range(9)}
    assert merging.choose_to_merge(sizes) == sorted(sizes)[:3]
    assert merging.choose_to_merge(dict.fromkeys(sizes, merging.FULL - 1)) == []
