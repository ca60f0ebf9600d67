"""Store pictures in append-only packs: a few large files, each picture found by offset, length and SHA-256.

A process holds the lock of a pack while it adds a chunk, so two never write to the same one; the lock of a process that
died is free. Pictures are on the disk before any row names them; bytes that no row names are swept.
"""

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import ArchiveError
from index.records import CropRef
from index.store.archive_file import FILE_MODE, make_folder, sync_folder, try_lock

MOST_BYTES = 1 << 30
"""No picture is larger."""

FULL_BYTES = 256 * 2**20
"""Pictures are appended to a pack until it has this size; a purge rewrites one pack at a time."""

RETRY_S = 0.1
"""How often a lock that another process holds is tried again."""

_SUFFIX = ".pack"
_HEADER = b"RETRACE PACK 1\n"
HEADER_BYTES = len(_HEADER)
_ZEROS_AT_ONCE = 2**20


class CropError(ArchiveError):
    """A picture is missing, or not the one that was stored."""


@dataclass(frozen=True, slots=True)
class IdlePack:
    """A pack whose lock this process holds, so that nobody writes to it."""

    path: Path
    descriptor: int

    @property
    def name(self) -> str:
        """Return the name of the pack in crop references."""
        return self.path.stem

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return os.fstat(self.descriptor).st_size

    def cut(self, used_until: int) -> int:
        """Cut the pack behind the last picture in use, or delete it if none is; return the bytes freed."""
        size = self.size
        if used_until == 0:
            self.path.unlink()
            return size
        os.ftruncate(self.descriptor, min(size, used_until))
        return max(0, size - used_until)

    def overwrite(self, used: Sequence[tuple[int, int]]) -> None:
        """Overwrite all bytes outside the used (offset, length) with zeros, which needs no space, and sync."""
        start = HEADER_BYTES
        for offset, length in [*sorted(used), (self.size, 0)]:
            while start < offset:
                start += os.pwrite(self.descriptor, bytes(min(_ZEROS_AT_ONCE, offset - start)), start)
            start = max(start, offset + length)
        os.fsync(self.descriptor)


@dataclass(frozen=True, slots=True)
class LockedPacks:
    """The packs that this process holds, and those that another one writes to."""

    idle: tuple[IdlePack, ...]
    busy: tuple[Path, ...]


class CropPacks:
    """The packs of one folder; a process appends to at most one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._name = ""
        self._descriptor: int | None = None

    def append(self, pictures: Sequence[bytes]) -> list[CropRef]:
        """Write pictures and force them to the disk; on failure none of them stays."""
        if not pictures:
            return []
        descriptor = self._writable()
        start = os.lseek(descriptor, 0, os.SEEK_END)
        try:
            _write_all(descriptor, b"".join(pictures))
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, start)
            raise
        return self._refs(pictures, start)

    def take_back(self, refs: Sequence[CropRef]) -> None:
        """Cut off the pictures that were appended last, before the pack is closed: no row will name them."""
        if self._descriptor is not None and refs:
            os.ftruncate(self._descriptor, min(ref.offset for ref in refs))

    def read(self, ref: CropRef) -> bytes:
        """Return a picture, and refuse one whose SHA-256 is not that of the stored one."""
        if not self._is_place(ref):
            raise CropError(f"no picture is at {ref.pack!r}:{ref.offset}, {ref.length} bytes: its row was edited")
        data = self._bytes(ref)
        if len(data) != ref.length:
            raise CropError(f"picture {ref.pack}:{ref.offset} is cut off: restore {ref.pack} from a backup")
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise CropError(f"picture {ref.pack}:{ref.offset} was changed since it was stored: restore {ref.pack}")
        return data

    def problem(self, ref: CropRef) -> str | None:
        """Return why a picture is missing or changed, None if it is intact."""
        try:
            self.read(ref)
        except CropError as error:
            return str(error)
        return None

    @contextmanager
    def locked(self, wait_s: float = 0.0) -> Iterator[LockedPacks]:
        """Lock every pack during a `with` block, and wait so long for those that other processes write to."""
        self.close()
        opened: list[IdlePack] = []
        try:
            for path in self._paths():
                descriptor = _open_if_there(path)
                if descriptor is not None:
                    opened.append(IdlePack(path, descriptor))
            ends = time.monotonic() + wait_s
            idle = tuple(pack for pack in opened if _lock_until(pack.descriptor, ends))
            # One that was deleted meanwhile has no link left.
            held = tuple(pack for pack in idle if os.fstat(pack.descriptor).st_nlink)
            yield LockedPacks(held, tuple(pack.path for pack in opened if pack not in idle))
        finally:
            for pack in opened:
                os.close(pack.descriptor)

    def sizes(self) -> dict[str, int]:
        """Return the size of each pack by name."""
        return {path.stem: path.stat().st_size for path in self._paths()}

    def close(self) -> None:
        """Close the pack of this process, so that others may append to it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _writable(self) -> int:
        """Return the pack to append to: the one held, or a free one with room, or a new one."""
        if self._descriptor is not None and os.fstat(self._descriptor).st_size >= FULL_BYTES:
            self.close()
        if self._descriptor is None:
            self._descriptor = self._adopt() or self._begin()
        return self._descriptor

    def _adopt(self) -> int | None:
        for path in self._paths():
            descriptor = _open_if_there(path)
            if descriptor is None:
                continue
            # A pack that was deleted between listing and locking has no link left.
            state = os.fstat(descriptor)
            if state.st_size < FULL_BYTES and try_lock(descriptor) and os.fstat(descriptor).st_nlink:
                self._name = path.stem
                return descriptor
            os.close(descriptor)
        return None

    def _begin(self) -> int:
        make_folder(self.folder)
        while True:
            self._name = secrets.token_hex(8)
            path = self.folder / (self._name + _SUFFIX)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
            if try_lock(descriptor) and os.fstat(descriptor).st_nlink:
                break
            os.close(descriptor)
        _write_all(descriptor, _HEADER)
        sync_folder(self.folder)
        return descriptor

    def _refs(self, pictures: Iterable[bytes], start: int) -> list[CropRef]:
        refs = []
        for picture in pictures:
            refs.append(CropRef(self._name, start, len(picture), hashlib.sha256(picture).hexdigest()))
            start += len(picture)
        return refs

    def _bytes(self, ref: CropRef) -> bytes:
        try:
            with open(self.folder / (ref.pack + _SUFFIX), "rb", buffering=0) as pack:
                return os.pread(pack.fileno(), ref.length, ref.offset)
        except FileNotFoundError:
            raise CropError(f"the pictures of pack {ref.pack} are gone: restore {ref.pack}{_SUFFIX}") from None

    def _is_place(self, ref: CropRef) -> bool:
        """Return whether a row names a file of this folder, and a part of it that a picture can fill."""
        plain = ref.pack not in ("", ".", "..") and not set(ref.pack) & {"/", "\x00"}
        return plain and ref.offset >= 0 and 0 <= ref.length <= MOST_BYTES

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*" + _SUFFIX))


def _open_if_there(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None


def _lock_until(descriptor: int, ends: float) -> bool:
    """Lock an open file, and try again until a monotonic time; say whether it was locked."""
    while not try_lock(descriptor):
        if time.monotonic() >= ends:
            return False
        time.sleep(RETRY_S)
    return True


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view)
        if written == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        view = view[written:]
