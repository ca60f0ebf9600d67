"""Remember with which options a city was made."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from index.errors import ArchiveError
from index.simulation.options import CityOptions
from index.simulation.rows import iso

NAME = "truth/city.json"


@dataclass(frozen=True, slots=True)
class About:
    """What a city was made from; `start` is when its period begins, in true time."""

    seed: int
    preset: str
    vehicles: int
    minutes: float
    fps: float
    width: int
    height: int
    start: datetime

    @classmethod
    def of(cls, options: CityOptions, start: datetime) -> "About":
        """Return what is worth keeping of the options."""
        return cls(
            options.seed,
            options.preset,
            options.vehicles,
            options.minutes,
            options.fps,
            options.width,
            options.height,
            start,
        )


def write_about(city: Path, about: About) -> None:
    """Write it into a city's folder."""
    document = asdict(about) | {"start": iso(about.start)}
    (city / NAME).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_about(city: Path) -> About:
    """Read it from a city's folder."""
    path = city / NAME
    if not path.is_file():
        raise ArchiveError(f"{city} is not a city: it has no {NAME}; make one with 'retrace city make {city}'")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return About(**document | {"start": datetime.fromisoformat(document["start"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(f"{path} is damaged ({error}): make the city again") from None
