"""Hold what the pipeline makes of what is there: all the chances and spreads that sightings without video are drawn by.

Read and written as JSON; `fit.py` measures it, `draw.py` draws by it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from index.errors import ArchiveError
from index.simulation.unfilmed.ties import Ties
from reid.vehicle import COLOURS, VEHICLE_TYPES

_APART = ("about", "weathers", "sights", "origin")
PACKAGED = Path(__file__).with_name("seeing_noise.json")
DIMS = 64
"""How long a made vector is."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A chance that grows with a height in pixels: logistic in its logarithm, half of `most` at `half_px`."""

    half_px: float
    steep: float
    most: float

    def at(self, height_px: float, odds: float = 1.0) -> float:
        """Return the chance at a height, its odds multiplied; nothing is seen of what has none."""
        if height_px <= 0:
            return 0.0
        chance = self.most / (1 + np.exp(-self.steep * np.log(height_px / self.half_px)))
        return float(chance * odds / (1 - chance + chance * odds))


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution, by its quantiles at even steps from the least to the most."""

    quantiles: tuple[float, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        at = rng.random() * (len(self.quantiles) - 1)
        below = int(at)
        step = self.quantiles[below + 1] - self.quantiles[below] if at > below else 0.0
        return self.quantiles[below] + (at - below) * step


@dataclass(frozen=True, slots=True)
class Confusion:
    """What is taken for what: a row of chances for each true value, and how probable the value taken is said to be."""

    rows: tuple[tuple[float, ...], ...]
    sure_right: Spread
    sure_wrong: Spread


@dataclass(frozen=True, slots=True)
class Times:
    """When a sighting begins and ends, as shares of the true passage, and its best moment, as a share of its own."""

    first: Spread
    last: Spread
    best_away: Spread
    best_towards: Spread


@dataclass(frozen=True, slots=True)
class Headings:
    """How often the way of driving is known and how often it is nonsense; else it is off by so many degrees."""

    known_share: float
    wrong_share: float
    deviation_deg: float


@dataclass(frozen=True, slots=True)
class Plates:
    """Chances by the plate's height: of any text on a clean plate, of no mistake in it, else of each character.

    `dirty` and `covered` are what is left of the chance of a text; garbled texts have nothing to do with the plate;
    `extra_share` of those with a mistake have one character too many.
    """

    read: Curve
    dirty: float
    covered: float
    flawless: Curve
    character: Curve
    garbled_share: float
    extra_share: float
    sure: Spread
    sure_garbled: Spread

    def left(self, state: str) -> float:
        """Return what a state leaves of the chance of a text."""
        return {"clean": 1.0, "dirty": self.dirty, "covered": self.covered, "absent": 0.0}[state]


@dataclass(frozen=True, slots=True)
class Phantoms:
    """Sightings of nothing: how many a passage, and what they are taken for, in the order of the known values.

    Cameras have more or fewer of them: `uneven` is the variance of their rates, as a share of the square of the mean.
    """

    per_passage: float
    uneven: float
    types: tuple[float, ...]
    colours: tuple[float, ...]
    height_px: Spread
    seconds: Spread


@dataclass(frozen=True, slots=True)
class Likeness:
    """Mean cosine similarities: of any two vehicles, twins, one vehicle from two sides and from the same side.

    Vectors live in `freedom` dimensions, which sets the spread between others; `unevenness` is how much some sightings
    show more of their vehicle than others do, as a deviation from 1.
    """

    other: float
    twin: float
    other_view: float
    same_view: float
    freedom: int
    unevenness: float


@dataclass(frozen=True, slots=True)
class Odds:
    """What a weather multiplies the odds of being seen, and of a plate being read, with."""

    seen: float = 1.0
    plates: float = 1.0


AS_EVER = Odds()


@dataclass(frozen=True, slots=True)
class Sight:
    """How large and long one true passage was in a picture; `counts` as in the truth."""

    height_px: float
    plate_height_px: float
    seconds: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """What a noise was fitted on: the day, the cities, the models, and how much of each there was."""

    made: str
    seeds: tuple[int, ...]
    models: tuple[str, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SeeingNoise:
    """All that is drawn; `sights` are true passages to draw from, by the kind of camera; `weathers` are named."""

    seen: Curve
    duplicates: float
    phantoms: Phantoms
    times: Times
    types: Confusion
    colours: Confusion
    headings: Headings
    plates: Plates
    likeness: Likeness
    ties: Ties
    weathers: Mapping[str, Odds]
    sights: Mapping[str, tuple[Sight, ...]]
    origin: Origin

    def sights_of(self, kind: str) -> tuple[Sight, ...]:
        """Return what passages are like to cameras of a kind, to cameras of all kinds where it is not known."""
        return self.sights.get(kind) or tuple(sight for sights in self.sights.values() for sight in sights)

    def odds_in(self, weather: str) -> Odds:
        """Return what a weather does, nothing where it was never filmed."""
        return self.weathers.get(weather, AS_EVER)

    def save(self, path: Path) -> None:
        """Write it as JSON that a person can read."""
        document = {"about": "fitted by `retrace city fit-noise` on filmed cities", **asdict(self)}
        document["sights"] = {
            kind: [[s.height_px, s.plate_height_px, s.seconds, int(s.counts)] for s in sights]
            for kind, sights in sorted(self.sights.items())
        }
        path.write_text(_short_lines(json.dumps(document, indent=1)) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "SeeingNoise":
        """Read what `save` wrote."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            given = {key: value for key, value in document.items() if key not in _APART}
            sights = {
                kind: tuple(Sight(height, plate, seconds, bool(counts)) for height, plate, seconds, counts in rows)
                for kind, rows in document["sights"].items()
            }
            origin = document["origin"]
            noise = cls(
                **{field: _built(get_type_hints(cls)[field], value) for field, value in given.items()},
                weathers={name: Odds(**odds) for name, odds in document["weathers"].items()},
                sights=sights,
                origin=Origin(origin["made"], tuple(origin["seeds"]), tuple(origin["models"]), origin["counts"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError(
                f"{path} is no noise of seeing ({error}): fit it with 'retrace city fit-noise'"
            ) from None
        return noise.checked(path)

    def checked(self, path: Path) -> "SeeingNoise":
        """Return it if its tables are as long as what is known; `path` is where it came from."""
        for confusion, known in ((self.types, VEHICLE_TYPES), (self.colours, COLOURS)):
            if any(len(row) != len(known) for row in (confusion.rows, *confusion.rows)):
                raise ArchiveError(f"{path} does not know the types and colours of today: run 'retrace city fit-noise'")
        if not self.sights or not all(self.sights.values()):
            raise ArchiveError(f"{path} holds no sights to draw passages from: run 'retrace city fit-noise'")
        return self


@cache
def packaged_noise() -> SeeingNoise:
    """Return the noise that comes with Retrace."""
    return SeeingNoise.load(PACKAGED)


def _built(kind: Any, value: Any) -> Any:
    """Return a value of a field's type from what JSON made of it."""
    if isinstance(value, dict):
        hints = get_type_hints(kind)
        return kind(**{field.name: _built(hints[field.name], value[field.name]) for field in fields(kind)})
    if isinstance(value, list):
        return tuple(_built(None, part) for part in value)
    return value


def _short_lines(text: str) -> str:
    """Put every innermost list of numbers on a line of its own."""
    lines: list[str] = []
    inside: list[str] | None = None
    for line in text.splitlines():
        bare = line.strip()
        if inside is None:
            lines.append(line)
            inside = [] if bare.endswith("[") else None
        elif bare in ("]", "],"):
            lines[-1] += " ".join(inside) + bare
            inside = None
        elif bare.endswith("["):
            lines.append(line)
            inside = []
        else:
            inside.append(bare)
    return "\n".join(lines)
