"""An archive may come from anybody, and so may the depth of its folders."""

import os
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.folders import everything_in
from index.upkeep.backup import back_up
from index.upkeep.retention import PurgeUnfinishedError, purge
from tests.index.conftest import EIGHT


def dig(folder: Path, depth: int) -> None:
    """Make folders in folders."""
    folder.mkdir(parents=True, exist_ok=True)
    place = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=place)
        deeper = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(place)


def test_all_is_found_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    (tmp_path / "in" / "deeper" / "file").touch()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in everything_in(tmp_path)}
    assert found == {"in", "in/deeper", "in/deeper/file", "in/link"}
    assert list(everything_in(tmp_path / "gone")) == []


@pytest.mark.parametrize("part", ["streams", "adapting"])
def test_folders_in_folders_without_end_are_refused_in_one_line(archive: Archive, tmp_path: Path, part: str) -> None:
    """A purge and a backup of an archive of somebody else ended in an error that nobody foresaw."""
    dig(archive.path / part, 200)
    with pytest.raises(PurgeUnfinishedError, match="more than 64 deep"):
        purge(archive, EIGHT, local_person())
    with pytest.raises(ArchiveError, match="more than 64 deep"):
        back_up(archive, tmp_path / "copy", local_person())
