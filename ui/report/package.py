"""Write the files of a report as a folder or zip file: complete or not at all, each listed with its SHA-256."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.errors import ArchiveError
from index.store.archive_file import locked, locked_if_free, make_folder, make_own_folder, sync_folder

FORMAT = "retrace-report-1"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
UNFINISHED = ".unfinished"
MARKER = ".unfinished-report"
"""A file in the folder of a report that is still being made: only such a folder is removed."""
ZIP = ".zip"

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o600


@dataclass(slots=True)
class Package:
    """A report while it is written: its folder, and where each of its files comes from."""

    folder: Path
    sources: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, data: bytes | str, source: str = "") -> None:
        """Write a file, and remember what it was made from."""
        target = self.place(path, source)
        target.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        target.chmod(_FILE_MODE)

    def place(self, path: str, source: str = "") -> Path:
        """Return where a file is to be written, and remember what it is made from."""
        target = self.folder / path
        make_folder(target.parent)
        self.sources[path] = source
        return target

    def forget(self, path: str) -> None:
        """Take back a file that was not written."""
        self.sources.pop(path, None)
        target = self.folder / path
        target.unlink(missing_ok=True)
        if target.parent != self.folder and not any(target.parent.iterdir()):
            target.parent.rmdir()

    def finish(self, about: Mapping[str, Any]) -> str:
        """Write the list of all files, and return its SHA-256."""
        for path in self.sources:
            # What others wrote, as FFmpeg did a clip, is as open as everything that it writes.
            (self.folder / path).chmod(_FILE_MODE)
        digests = {path: file_digest(self.folder / path) for path in sorted(self.sources)}
        files = [
            {
                "path": path,
                "bytes": (self.folder / path).stat().st_size,
                "sha256": digests[path],
                "made_from": self.sources[path] or None,
            }
            for path in sorted(self.sources)
        ]
        document = {"format": FORMAT, **about, "files": files}
        manifest = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        sums = "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)) + f"{digest}  {MANIFEST}\n"
        for name, text in ((MANIFEST, manifest), (SUMS, sums)):
            (self.folder / name).write_text(text, encoding="utf-8")
            (self.folder / name).chmod(_FILE_MODE)
        return digest


@contextmanager
def package(out: Path) -> Iterator[Package]:
    """Lend the folder of a new report; it gets its name when the block has ended well, and is removed otherwise.

    What a killed run left behind is removed by the next one.
    """
    if out.exists() or out.is_symlink():
        raise ArchiveError(f"{out} exists already: a report is never changed, name a new folder")
    if not out.name or out.name.endswith(UNFINISHED):
        raise ArchiveError(f"{out} cannot be the name of a report: name a new folder, or a file that ends in {ZIP}")
    unfinished = out.with_name(out.name + UNFINISHED)
    if unfinished.exists():
        _remove(unfinished)
    make_own_folder(unfinished, "the report")
    with locked(unfinished / MARKER):
        try:
            yield Package(unfinished)
            _sync(unfinished)
            # The mark stays for as long as it can: without it the same command could not begin again.
            if out.suffix.lower() == ZIP:
                _zip(unfinished, out)
            else:
                (unfinished / MARKER).unlink()
                unfinished.rename(out)
            sync_folder(out.parent)
        finally:
            if unfinished.exists():
                shutil.rmtree(unfinished)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _zip(folder: Path, out: Path) -> None:
    """Write a folder as a zip file whose bytes depend on nothing but the files."""
    part = folder / f"{out.name}.part"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            name = f"{out.stem}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.external_attr = _FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in (".jpg", ".mp4") else zipfile.ZIP_DEFLATED
            with path.open("rb") as data, archive.open(entry, "w", force_zip64=True) as packed:
                shutil.copyfileobj(data, packed)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.chmod(_FILE_MODE)
    part.rename(out)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        # Killed between its making and its mark.
        folder.rmdir()
        return
    if folder.is_symlink() or not (folder / MARKER).is_file():
        raise ArchiveError(f"{folder} is in the way, and no folder of an unfinished report: move it elsewhere")
    with locked_if_free(folder / MARKER) as is_free:
        if not is_free:
            raise ArchiveError(f"another process is writing {folder}: wait for it, or choose another folder")
        shutil.rmtree(folder)
