"""Say what another system saw, before it becomes a sighting."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Report:
    """One vehicle on one camera's clock: by its plate, by pictures of it, or both.

    `where` is the line or file that says so. What the other system did not tell is None.
    """

    where: str
    camera: str
    pictures: tuple[tuple[datetime, Path], ...] = ()
    time: datetime | None = None
    plate: str | None = None
    confidence: float | None = None
    type: str | None = None
    colour: str | None = None

    @property
    def first(self) -> datetime:
        """Return when the vehicle was first seen."""
        return min(self._times)

    @property
    def last(self) -> datetime:
        """Return when the vehicle was last seen."""
        return max(self._times)

    @property
    def _times(self) -> list[datetime]:
        return [time for time, _ in self.pictures] + ([self.time] if self.time is not None else [])


@dataclass(frozen=True, slots=True)
class Reports:
    """What could be read, one line for each row that could not, and what was guessed on the way."""

    reports: tuple[Report, ...]
    problems: tuple[str, ...] = ()
    guesses: tuple[str, ...] = field(default=())
