"""`retrace user`."""

from pathlib import Path

from tests.ui.cli.commands import answer


def test_people_are_added_listed_changed_and_removed(folder: Path) -> None:
    assert answer(folder, "user", "add", "maria", "--role", "admin") == {"user": {"name": "maria", "role": "admin"}}
    answer(folder, "user", "add", "paul")
    assert answer(folder, "user", "role", "paul", "viewer")["user"]["role"] == "viewer"
    answer(folder, "user", "remove", "paul")
    assert answer(folder, "user", "list") == {"users": [{"name": "maria", "role": "admin"}]}
