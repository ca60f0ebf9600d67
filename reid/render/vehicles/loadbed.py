"""Say where on a lorry its load lies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadBed:
    """The room behind the cab: from `rear_m` to `front_m` along the vehicle, over a floor, `high_m` high."""

    rear_m: float
    front_m: float
    width_m: float
    floor_m: float
    high_m: float

    @property
    def length_m(self) -> float:
        """Return how long it is."""
        return self.front_m - self.rear_m

    @property
    def middle_m(self) -> float:
        """Return the middle along the vehicle."""
        return (self.front_m + self.rear_m) / 2
