"""Say which marks tell a vehicle from its twins; how each looks follows from the vehicle's seed."""

import numpy as np

MARK_SHARES = {
    "sticker": 0.16, "dent": 0.12, "scratch": 0.12, "dirt": 0.16, "tint": 0.12, "other wheels": 0.12,
    "missing cap": 0.04, "dead lamp": 0.05, "primer panel": 0.04, "roof box": 0.04, "roof rack": 0.07,
    "hitch": 0.07, "spoiler": 0.05, "taxi sign": 0.035, "lettering": 0.08, "shelf": 0.12, "toy": 0.08, "load": 0.15,
    "two-tone": 0.06,
}  # fmt: skip
"""How often each mark is drawn where the body can carry it."""

_CARS = frozenset({"hatch", "sedan", "estate", "suv", "mpv"})
_WITH_ROOF = _CARS | {"van", "minibus"}
_BIKES = frozenset({"motorcycle", "scooter"})
_ONLY_ON = {
    "roof box": _CARS, "roof rack": _WITH_ROOF | {"pickup"}, "hitch": _WITH_ROOF | {"pickup"}, "spoiler": _CARS,
    "taxi sign": _CARS, "shelf": _CARS, "toy": _CARS, "tint": _WITH_ROOF, "two-tone": _CARS,
    "load": frozenset({"pickup", "tipper"}) | _BIKES,
}  # fmt: skip
_NOT_ON_BIKES = frozenset({"dent", "other wheels", "missing cap", "primer panel", "lettering"})


def can_carry(mark: str, body: str) -> bool:
    """Return whether a mark makes sense on a body."""
    if body in _BIKES and mark in _NOT_ON_BIKES:
        return False
    return body in _ONLY_ON.get(mark, {body})


def draw_marks(seed: int, body: str) -> tuple[str, ...]:
    """Draw the marks of one vehicle."""
    rng = np.random.default_rng([seed, 31])
    chances = rng.random(len(MARK_SHARES))
    return tuple(
        mark
        for (mark, share), chance in zip(MARK_SHARES.items(), chances, strict=True)
        if chance < share and can_carry(mark, body)
    )
