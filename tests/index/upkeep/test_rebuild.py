import os
import shutil

from index.store.archive import Archive
from index.upkeep.rebuild import rebuild, unnamed_bytes
from index.upkeep.verify import verify
from tests.index.conftest import MODEL, make_sighting, scores_of
from tests.index.store.test_archive import chunk_of, packs


def test_rebuild_sweeps_what_no_sighting_names(archive: Archive) -> None:
    archive.add(chunk_of(1))
    archive.crops.append([b"never named" * 10])
    archive.crops.close()
    archive.add(chunk_of(2))
    archive.crops.append([b"left over"])
    archive.crops.close()
    assert unnamed_bytes(archive) == len(b"never named" * 10) + len(b"left over")
    shutil.rmtree(archive.path / "vectors")
    assert rebuild(archive) >= 119
    assert rebuild(archive) == 0
    assert verify(archive) == []
    assert b"never named" not in b"".join(path.read_bytes() for path in packs(archive))
    assert len(scores_of(archive, make_sighting(1).vectors[MODEL])) == 2


def test_what_a_killed_process_left_unfinished_goes(archive: Archive) -> None:
    old, young = (archive.path / f"camera-times.npz.{number}.part" for number in (1, 2))
    for path in (old, young):
        path.touch()
    os.utime(old, (0, 0))
    rebuild(archive)
    assert not old.exists()
    assert young.exists()
