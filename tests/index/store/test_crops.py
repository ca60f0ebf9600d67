import errno
import os
import threading
from pathlib import Path

import pytest

from index.store import crops
from index.store.crops import HEADER_BYTES, CropError, CropPacks


@pytest.fixture
def packs(tmp_path: Path) -> CropPacks:
    return CropPacks(tmp_path / "crops")


def files(packs: CropPacks) -> list[Path]:
    return sorted(packs.folder.glob("*.pack"))


def test_pictures_come_back_as_they_went_in(packs: CropPacks) -> None:
    pictures = [b"one", b"", b"three" * 1000]
    refs = packs.append(pictures) + packs.append([b"four"])
    assert [packs.read(ref) for ref in refs] == [*pictures, b"four"]
    assert len(files(packs)) == 1
    assert packs.append([]) == []


def test_two_writers_never_share_a_pack_and_a_free_one_is_taken_over(packs: CropPacks) -> None:
    other = CropPacks(packs.folder)
    (mine,), (theirs,) = packs.append([b"mine"]), other.append([b"theirs"])
    assert mine.pack != theirs.pack
    other.close()
    packs.close()
    third = CropPacks(packs.folder)
    (later,) = third.append([b"later"])
    assert later.pack in (mine.pack, theirs.pack)
    assert [third.read(ref) for ref in (mine, theirs, later)] == [b"mine", b"theirs", b"later"]


def test_a_full_pack_takes_no_more(packs: CropPacks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops, "FULL_BYTES", 20)
    refs = [packs.append([b"0123456789"])[0] for _ in range(3)]
    packs.close()
    assert len({ref.pack for ref in refs}) == 3
    assert CropPacks(packs.folder).append([b"x"])[0].pack not in {ref.pack for ref in refs}


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        pytest.param(lambda path: path.unlink(), "are gone", id="pack missing"),
        pytest.param(lambda path: os.truncate(path, 17), "cut off", id="pack cut off"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes().replace(b"one", b"ono")), "changed", id="changed"),
    ],
)
def test_a_picture_that_is_not_the_stored_one_is_refused(packs: CropPacks, damage, why: str) -> None:
    (ref,) = packs.append([b"one"])
    damage(files(packs)[0])
    with pytest.raises(CropError, match=why):
        packs.read(ref)


def test_a_full_disk_leaves_the_pack_as_it_was(packs: CropPacks, monkeypatch: pytest.MonkeyPatch) -> None:
    (ref,) = packs.append([b"before"])
    size = files(packs)[0].stat().st_size
    write = os.write

    def half_then_full(descriptor: int, data: memoryview) -> int:
        if len(data) <= 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:5])

    monkeypatch.setattr(os, "write", half_then_full)
    with pytest.raises(OSError, match="No space left"):
        packs.append([b"a picture that does not fit"])
    monkeypatch.undo()
    assert files(packs)[0].stat().st_size == size
    assert packs.read(ref) == b"before"
    assert packs.read(packs.append([b"after"])[0]) == b"after"


def test_a_pack_that_another_process_writes_is_busy_until_it_is_released(packs: CropPacks) -> None:
    writer = CropPacks(packs.folder)
    (ref,) = writer.append([b"busy"])
    with packs.locked() as found:
        assert found.idle == ()
        assert found.busy == (packs.folder / f"{ref.pack}.pack",)
    releasing = threading.Timer(0.3, writer.close)
    releasing.start()
    with packs.locked(wait_s=20) as found:
        assert found.busy == ()
        (elsewhere,) = CropPacks(packs.folder).append([b"meanwhile"])
        assert elsewhere.pack != ref.pack
        (pack,) = found.idle
        assert pack.name == ref.pack
        assert pack.cut(ref.offset + ref.length) == 0
        assert pack.cut(0) == pack.size
    assert files(packs) == [packs.folder / f"{elsewhere.pack}.pack"]


def test_what_is_not_used_is_overwritten_in_place(packs: CropPacks) -> None:
    refs = packs.append([b"first", b"second", b"third", b"fourth"])
    with packs.locked() as found:
        found.idle[0].overwrite([(ref.offset, ref.length) for ref in (refs[2], refs[0])])
    assert [packs.read(refs[number]) for number in (0, 2)] == [b"first", b"third"]
    assert files(packs)[0].read_bytes()[HEADER_BYTES:] == b"first" + bytes(6) + b"third" + bytes(6)
