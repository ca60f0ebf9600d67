"""`retrace case` and `retrace mark`."""

from pathlib import Path

from tests.ui.cli.commands import answer, run


def test_a_case_is_opened_marked_shown_and_closed(folder: Path) -> None:
    assert answer(folder, "case", "new", "2026-7", "--title", "hit and run")["case"]["id"] == "2026-7"
    assert answer(folder, "mark", "2026-7", "sighting-00001", "yes")["mark"]["verdict"] == "yes"
    shown = answer(folder, "case", "show", "2026-7")
    assert shown["case"]["closed_at"] is None
    assert [(mark["sighting"], mark["verdict"]) for mark in shown["marks"]] == [("sighting-00001", "yes")]
    assert answer(folder, "case", "close", "2026-7")["case"]["closed_at"].endswith("Z")
    assert [case["title"] for case in answer(folder, "case", "list")["cases"]] == ["hit and run"]
    assert run(folder, "mark", "2026-7", "sighting-00001", "no").exit_code == 1
    assert run(folder, "mark", "2026-7", "sighting-00001", "maybe").exit_code == 2
