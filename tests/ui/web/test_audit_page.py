"""The audit shows searches first, and what was opened after each folded under it."""

from datetime import UTC, datetime

from index.store.catalogue.audit import Entry
from ui.web.audit_page import grouped


def entry(number: int, person: str, action: str) -> Entry:
    return Entry(number, datetime(2026, 5, 4, 8, 0, number, tzinfo=UTC), person, action, {}, None, None, "x")


def test_openings_are_folded_under_the_last_row_of_the_same_person() -> None:
    entries = [
        entry(1, "ann", "search"),
        entry(2, "bob", "search"),
        entry(3, "ann", "open picture"),
        entry(4, "bob", "open clip"),
        entry(5, "ann", "open frame"),
        entry(6, "ann", "mark sighting"),
        entry(7, "ann", "open picture"),
    ]
    found = [(group.entry.number, [one.number for one in group.openings]) for group in grouped(entries)]
    assert found == [(1, [3, 5]), (2, [4]), (6, [7])]


def test_an_opening_without_a_row_before_it_stands_by_itself() -> None:
    assert [group.entry.number for group in grouped([entry(1, "ann", "open picture"), entry(2, "ann", "search")])] == [
        1,
        2,
    ]
