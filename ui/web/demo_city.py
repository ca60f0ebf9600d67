"""Make the city of the demo for an empty archive, and import its roads and cameras; its footage is still to come."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest.registration import FootageJob, read_manifest
from index.map.map_changes import import_cameras, import_roads
from index.map.places import place_book
from index.store.archive import Archive
from roadgraph.camera_files import read_cameras


@dataclass(frozen=True, slots=True)
class DemoCity:
    """The city of `retrace demo --dir FOLDER`; one that was made before is used again."""

    folder: Path

    @classmethod
    def beside(cls, archive: Path) -> "DemoCity":
        """Return the city for an archive, in a folder beside it."""
        return cls(archive.with_name(f"{archive.name}-demo"))

    @property
    def city(self) -> Path:
        """Return the folder of the roads, cameras and videos."""
        return self.folder / "city"


def footage_of(archive: Archive, demo: DemoCity, tell: Callable[[str], None]) -> list[FootageJob]:
    """Make the city, import its roads and cameras, and return its footage; `tell` gets a line for each step."""
    if not demo.city.exists():
        _make(demo, tell)
    if not place_book(archive).cameras():
        import_roads(archive, local_person(), next(demo.city.glob("roads.*")))
        import_cameras(archive, local_person(), read_cameras(demo.city / "cameras.geojson"))
    return read_manifest(demo.city / "footage.csv")


def _make(demo: DemoCity, tell: Callable[[str], None]) -> None:
    # The pages never load what draws cities: the command does that.
    command = [sys.executable, "-m", "ui.cli.main", "demo", "--dir", str(demo.folder), "--city-only"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as making:
        assert making.stderr is not None
        last = ""
        with _ended_with_this_process(making):
            for line in making.stderr:
                last = line.strip()
                tell(last)
    if making.returncode:
        raise ArchiveError(f"the demo city could not be made: {last.removeprefix('retrace: ')}")


@contextmanager
def _ended_with_this_process(making: "subprocess.Popen[str]") -> Iterator[None]:
    """End the command too when this process is asked to end."""

    def end(number: int, frame: FrameType | None) -> None:
        making.terminate()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
