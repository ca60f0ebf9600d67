import os
from pathlib import Path

from index.ingest.folders import MOST_DEPTH, files_below


def test_files_of_folders_in_folders_are_found_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("a.mp4", "b/c.mp4", ".d/e.mp4", "b/.f.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = {str(path.relative_to(tmp_path)) for path in files_below(tmp_path)}
    assert found == {"a.mp4", "b", "b/c.mp4", "loop"}
    assert len(list(files_below(tmp_path, hidden=True))) == 7


def test_what_lies_too_deep_is_not_looked_at(tmp_path: Path) -> None:
    """A thousand folders in each other ended a watch, and an import of crops, in a RecursionError."""
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2 * MOST_DEPTH):
        os.mkdir("a", dir_fd=inner)
        outer, inner = inner, os.open("a", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    assert len(list(files_below(tmp_path))) == MOST_DEPTH + 1


def test_a_folder_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert list(files_below(tmp_path / "gone")) == []
