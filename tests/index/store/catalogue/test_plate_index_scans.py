"""Scans of a sorted list of rotations find what matching every text finds."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.store.catalogue.plate_index import MOST_PREFIXES, Scan, rotations, scan
from reid.plates.pattern import compile_pattern

SIGNS = st.sampled_from(["A", "B", "1", "7", "京", "?", "*", "@", "#", "[A1]", "[7B]"])
WRITTEN = st.lists(SIGNS, min_size=1, max_size=6).map("".join).filter(lambda text: text.strip("*"))
TEXTS = st.text("AB17京", min_size=1, max_size=7)


def fits(scan: Scan, rotation: str) -> bool:
    begins = any(rotation.startswith(prefix) for prefix in scan.prefixes)
    as_glob = sqlite3.connect(":memory:").execute("SELECT ? GLOB ?", (rotation, scan.glob)).fetchone()[0]
    as_expression = bool(re.match(scan.expression, rotation))
    liked = bool(re.fullmatch(scan.like.replace("%", ".*").replace("_", "."), rotation))
    assert bool(as_glob) == as_expression
    assert liked or not as_expression
    return begins and as_expression


def test_every_rotation_begins_with_another_part_and_tells_the_length() -> None:
    assert rotations("AB1") == ["AB1d", "B1dA", "1dAB", "dAB1"]
    assert rotations("") == []


@given(WRITTEN, TEXTS)
def test_a_text_fits_just_when_one_of_its_rotations_is_under_the_scan(written: str, text: str) -> None:
    pattern = compile_pattern(written)
    (way,) = pattern.ways
    found = scan(way)
    assert any(fits(found, rotation) for rotation in rotations(text)) is pattern.matches(text)


@pytest.mark.parametrize(
    ("pattern", "prefixes"),
    [
        pytest.param("AB12345", 1, id="a whole plate is one place in the list"),
        pytest.param("AB?2345", 1, id="and so is one with a gap: what follows the gap begins a rotation"),
        pytest.param("*QX77*", 1, id="what it holds begins one"),
        pytest.param("?7?K?9?", 67, id="two gaps: one of them is spelled out"),
    ],
)
def test_the_longest_known_part_is_looked_for_first(pattern: str, prefixes: int) -> None:
    (way,) = compile_pattern(pattern).ways
    assert len(scan(way).prefixes) == prefixes


@given(WRITTEN)
def test_no_pattern_is_looked_for_in_too_many_places(written: str) -> None:
    (way,) = compile_pattern(written).ways
    assert len(scan(way).prefixes) <= MOST_PREFIXES
