"""Print the progress of an ingest, and the time left: live bars on a terminal, a line for each tenth elsewhere."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli.output import note

if TYPE_CHECKING:
    from index.ingest.progress import IngestProgress

SHOWN = 6
"""How many bars are drawn at once."""

BAR = 24
NAME = 28
STEP = 0.1
"""Share of a file between two lines."""


def progress_on(stream_is_terminal: bool | None = None) -> "ProgressBars | ProgressLines":
    """Return the printer for stderr: bars if it is a terminal, else lines."""
    terminal = sys.stderr.isatty() if stream_is_terminal is None else stream_is_terminal
    return ProgressBars() if terminal else ProgressLines()


class WholePace:
    """Estimates how long all files together still take, from the pace of this run alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, float] | None = None

    def left(self, files: "Sequence[IngestProgress]") -> str | None:
        """Return the time left for all files, None while nothing is known of the pace."""
        now, done_s = self._clock(), sum(file.done_s for file in files)
        if self._began is None:
            self._began = (now, done_s)
        elapsed_s, gained_s = now - self._began[0], done_s - self._began[1]
        missing_s = sum(file.total_s for file in files) - done_s
        return _minutes(missing_s * elapsed_s / gained_s) if gained_s > 0 and elapsed_s > 0 else None


class ProgressLines:
    """Print a line for each tenth of a file."""

    def __init__(self, say: Callable[[str], None] = note, clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._steps: dict[str, int] = {}
        self._pace = WholePace(clock)

    def __call__(self, files: "Sequence[IngestProgress]") -> None:
        """Print a line for each file that passed another tenth."""
        left = self._pace.left(files)
        whole = f", {left} left for all {len(files)} files" if left is not None and len(files) > 1 else ""
        for file in files:
            step = int(_share(file) / STEP + 1e-9)
            if step > self._steps.get(file.path, 0):
                self._steps[file.path] = step
                name = Path(file.path).name
                self._say(f"{name}: {_share(file):.0%} of {file.total_s:.0f} s, {file.sightings} sightings{whole}")

    def say(self, line: str) -> None:
        """Print a line that is not about progress."""
        self._say(line)

    def close(self) -> None:
        """Do nothing: printed lines stay."""


class ProgressBars:
    """Draw a bar for each file in progress, always in the same place."""

    def __init__(
        self, write: Callable[[str], object] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write or _to_stderr
        self._clock = clock
        self._began: dict[str, tuple[float, IngestProgress]] = {}
        self._drawn = 0
        self._pace = WholePace(clock)

    def __call__(self, files: "Sequence[IngestProgress]") -> None:
        """Redraw the bars."""
        now = self._clock()
        for file in files:
            self._began.setdefault(file.path, (now, file))
        under_way = [file for file in files if 0 < _share(file) < 1]
        lines = [self._line(file, now) for file in under_way[:SHOWN]]
        whole = sum(_share(file) >= 1 for file in files)
        left = self._pace.left(files)
        ends = f", {left} left for all" if left is not None and whole < len(files) else ""
        lines.append(f"{whole} of {len(files)} files, {sum(file.sightings for file in files)} sightings{ends}")
        self._write(self._back() + "".join(f"{line}\n" for line in lines))
        self._drawn = len(lines)

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self._write(f"{self._back()}{line}\n")
        self._drawn = 0

    def close(self) -> None:
        """Erase the bars."""
        self._write(self._back())
        self._drawn = 0

    def _back(self) -> str:
        """Return the escape sequence that moves the cursor to the first bar and clears below it."""
        return f"\x1b[{self._drawn}F\x1b[J" if self._drawn else ""

    def _line(self, file: "IngestProgress", now: float) -> str:
        began_at, first = self._began[file.path]
        elapsed_s = now - began_at
        rate = (file.frames - first.frames) / elapsed_s if elapsed_s > 0 else 0.0
        pace = (file.done_s - first.done_s) / elapsed_s if elapsed_s > 0 else 0.0
        left = _minutes((file.total_s - file.done_s) / pace) if pace > 0 else "?"
        filled = round(BAR * _share(file))
        bar = "#" * filled + "." * (BAR - filled)
        name = _short(Path(file.path).name)
        return (
            f"{name:<{NAME}} [{bar}] {_share(file):4.0%}  {rate:4.0f} frames/s  {file.sightings} sightings  {left} left"
        )


def _share(file: "IngestProgress") -> float:
    return file.done_s / file.total_s if file.total_s else 1.0


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"…{name[1 - NAME :]}"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
