"""Files that people bring are kept beside each other, inside the archive, by those who may take footage in."""

from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest.brought_files import keep_files
from index.store.archive import Archive
from index.store.names import brought_folder


def test_a_file_that_is_brought_never_takes_the_place_of_another(tmp_path: Path) -> None:
    """Evidence of before stays; a file of the same name, of the same size, too, is another one."""
    with Archive.create(tmp_path / "archive") as archive:
        (first,) = keep_files(archive, local_person(), "bridge", [("video.mp4", b"first")])
        (other,) = keep_files(archive, local_person(), "bridge", [("video.mp4", b"other")])
        assert (first.read_bytes(), other.read_bytes()) == (b"first", b"other")
        assert {first.name, other.name} == {"video.mp4"}
        assert keep_files(archive, local_person(), "bridge", [("video.mp4", b"first")]) == [first]
        both = keep_files(archive, local_person(), "bridge", [("a/x.mp4", b"one"), ("b/x.mp4", b"two")])
        assert [path.read_bytes() for path in both] == [b"one", b"two"]
        first.write_bytes(b"other")
        keep_files(archive, local_person(), "bridge", [("video.mp4", b"first")])
        assert first.read_bytes() == b"first"


def test_no_two_files_share_a_folder_whose_digests_begin_alike() -> None:
    """Two files whose digests agree in 64 bits can be made."""
    begin = "0123456789abcdef0123456789abcdef"
    assert brought_folder(begin + 32 * "0") != brought_folder(begin + 32 * "1")


def test_a_link_in_an_archive_leads_no_file_that_is_brought_out_of_it(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        (tmp_path / "elsewhere").mkdir()
        (archive.path / "streams").mkdir(exist_ok=True)
        (archive.path / "streams" / "bridge").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ArchiveError, match="leads out of the archive"):
            keep_files(archive, local_person(), "bridge", [("video.mp4", b"first")])
        assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("name", ["holiday.part", "film.lock", "film.sqlite", "film"])
def test_what_is_not_named_like_a_video_is_refused(tmp_path: Path, name: str) -> None:
    """A backup leaves out files that are called like locks, databases or unfinished ones."""
    with Archive.create(tmp_path / "archive") as archive:
        with pytest.raises(ArchiveError, match="not named like a video"):
            keep_files(archive, local_person(), "bridge", [("good.mp4", b"one"), (name, b"two")])
        assert not list(archive.path.rglob("good.mp4"))
