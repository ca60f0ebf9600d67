"""Alignments agree with trying every one."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.plates.likelihood import alignment_scores, best_alignment, edit_alignment

GAP = -1.5


def slowly(gains: np.ndarray, gap: float) -> float:
    """Return the most that is gained, by trying all ways."""

    @cache
    def best(i: int, j: int) -> float:
        if i == gains.shape[0] or j == gains.shape[1]:
            return gap * (gains.shape[0] - i + gains.shape[1] - j)
        return max(gains[i, j] + best(i + 1, j + 1), gap + best(i + 1, j), gap + best(i, j + 1))

    return best(0, 0)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**6))
def test_the_best_sum_is_the_best_of_all_alignments(rows: int, columns: int, seed: int) -> None:
    gains = np.random.default_rng(seed).normal(0, 2, (2, rows, columns))
    sums = alignment_scores(gains, np.array([columns, columns]), GAP)
    assert sums == pytest.approx([slowly(one, GAP) for one in gains])


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**6))
def test_the_pairs_are_worth_the_best_sum(rows: int, columns: int, seed: int) -> None:
    gains = np.random.default_rng(seed).normal(0, 2, (rows, columns))
    pairs = best_alignment(gains, GAP)
    assert [i for i, _ in pairs if i is not None] == list(range(rows))
    assert [j for _, j in pairs if j is not None] == list(range(columns))
    worth = sum(GAP if i is None or j is None else gains[i, j] for i, j in pairs)
    assert worth == pytest.approx(slowly(gains, GAP))


def test_columns_beyond_a_texts_length_do_not_count() -> None:
    gains = np.full((2, 3, 4), -9.0)
    gains[0, range(3), range(3)] = 1.0
    gains[1, range(2), range(2)] = 1.0
    assert alignment_scores(gains, np.array([3, 2]), GAP) == pytest.approx([3.0, 2.0 + GAP])


def test_letters_are_paired_with_as_few_changes_as_possible() -> None:
    assert edit_alignment("KAB48", "KB48") == [(0, 0), (1, None), (2, 1), (3, 2), (4, 3)]
    assert edit_alignment("", "A") == [(None, 0)]
