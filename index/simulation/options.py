"""Say what city to make."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CityOptions:
    """What city to make; without `roads` the town is made too."""

    seed: int = 1
    cameras: int = 4
    vehicles: int = 110
    minutes: float = 3.0
    fps: float = 12.0
    width: int = 1280
    height: int = 720
    preset: str = "normal"
    roads: Path | None = None

    @property
    def period_s(self) -> float:
        """Return how long the cameras film."""
        return self.minutes * 60

    @property
    def frames(self) -> int:
        """Return the frames of a camera that films all the time."""
        return max(1, round(self.period_s * self.fps))
