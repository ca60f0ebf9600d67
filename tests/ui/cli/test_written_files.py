"""What commands write: for its owner alone, whole or not at all, and never into an archive."""

import os
import stat
from pathlib import Path

import pytest

from index.store.archive import Archive
from index.upkeep.verify import verify
from tests.ui.cli.commands import answer, run
from ui.cli.written_files import private_file

WRITERS = (["audit", "export", "--out"], ["sightings", "show", "a1", "--crop"])


@pytest.mark.parametrize("words", WRITERS, ids=["audit", "picture"])
def test_what_shows_plates_and_places_is_for_its_owner_alone(archive: Path, tmp_path: Path, words: list[str]) -> None:
    usual = os.umask(0)
    try:
        answer(archive, *words, str(tmp_path / "out"))
    finally:
        os.umask(usual)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


@pytest.mark.parametrize("words", WRITERS, ids=["audit", "picture"])
@pytest.mark.parametrize("name", ["digest.key", "catalogue.sqlite", "archive.toml", "crops/new", "../link/digest.key"])
def test_no_file_of_an_archive_is_replaced(archive: Path, tmp_path: Path, words: list[str], name: str) -> None:
    (tmp_path / "link").symlink_to(archive)
    refused = run(archive, *words, str(archive / name))
    assert refused.exit_code == 1
    assert "is inside the archive" in refused.output
    with Archive.open(archive) as opened:
        assert verify(opened) == []


def test_a_file_that_could_not_be_written_whole_leaves_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")
    with pytest.raises(ZeroDivisionError), private_file(tmp_path / "out") as file:
        file.write(b"%d" % (1 // 0))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
