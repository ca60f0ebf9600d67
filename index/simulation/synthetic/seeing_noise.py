"""Define the noise of seeing: the probabilities and quantiles from which sightings without video are drawn.

It is read and written as JSON; `fit.py` fits it and `draw_sighting.py` draws from it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from index.errors import ArchiveError
from index.simulation.synthetic.correlations import FaultCorrelations
from reid.vehicle import COLOURS, VEHICLE_TYPES

_APART = ("about", "weathers", "sights", "origin")
PACKAGED = Path(__file__).with_name("seeing_noise.json")
DIMS = 64
"""The length of a drawn vector."""


@dataclass(frozen=True, slots=True)
class HeightCurve:
    """A probability that grows with a height in pixels: logistic in the log height, half of `most` at `half_px`."""

    half_px: float
    steep: float
    most: float

    def at(self, height_px: float, odds: float = 1.0) -> float:
        """Return the probability at a height with its odds multiplied, 0 at no height."""
        if height_px <= 0:
            return 0.0
        probability = self.most / (1 + np.exp(-self.steep * np.log(height_px / self.half_px)))
        return float(probability * odds / (1 - probability + probability * odds))


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A distribution by its quantiles at even steps from minimum to maximum."""

    quantiles: tuple[float, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        at = rng.random() * (len(self.quantiles) - 1)
        below = int(at)
        step = self.quantiles[below + 1] - self.quantiles[below] if at > below else 0.0
        return self.quantiles[below] + (at - below) * step


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """For each true value the probabilities of the believed ones, and how probable the believed value is stated."""

    rows: tuple[tuple[float, ...], ...]
    sure_right: Quantiles
    sure_wrong: Quantiles


@dataclass(frozen=True, slots=True)
class TimeNoise:
    """Begin and end of a sighting as shares of the true passage, and its best moment as a share of the sighting."""

    first: Quantiles
    last: Quantiles
    best_away: Quantiles
    best_towards: Quantiles


@dataclass(frozen=True, slots=True)
class HeadingNoise:
    """How often the heading is known, how often it is wrong, and the standard deviation of the others in degrees."""

    known_share: float
    wrong_share: float
    deviation_deg: float


@dataclass(frozen=True, slots=True)
class PlateNoise:
    """Probabilities by the plate's height: of any text on a clean plate, of no mistake, else of each right character.

    `dirty` and `covered` scale the probability of a text. Garbled texts are unrelated to the plate. `extra_share` of
    the texts with a mistake have one character too many.
    """

    read: HeightCurve
    dirty: float
    covered: float
    flawless: HeightCurve
    character: HeightCurve
    garbled_share: float
    extra_share: float
    sure: Quantiles
    sure_garbled: Quantiles

    def state_factor(self, state: str) -> float:
        """Return the factor of a plate state on the probability of a text."""
        return {"clean": 1.0, "dirty": self.dirty, "covered": self.covered, "absent": 0.0}[state]


@dataclass(frozen=True, slots=True)
class PhantomNoise:
    """Phantoms: how many per passage, and shares of types and colours in the order of the known values.

    `uneven` is the variance of the cameras' rates over their squared mean.
    """

    per_passage: float
    uneven: float
    types: tuple[float, ...]
    colours: tuple[float, ...]
    height_px: Quantiles
    seconds: Quantiles


@dataclass(frozen=True, slots=True)
class SimilarityNoise:
    """Mean cosine similarities: of any two vehicles, twins, one vehicle from two sides, and from the same side.

    Vectors have `freedom` dimensions, which sets the variance between other vehicles; `unevenness` is the standard
    deviation of how much of its vehicle a sighting shows, about 1.
    """

    other: float
    twin: float
    other_view: float
    same_view: float
    freedom: int
    unevenness: float


@dataclass(frozen=True, slots=True)
class WeatherOdds:
    """A weather's factors on the odds of being seen and of a plate being read."""

    seen: float = 1.0
    plates: float = 1.0


NEUTRAL_ODDS = WeatherOdds()


@dataclass(frozen=True, slots=True)
class PassageSize:
    """The size and length of one true passage; `counts` as in the truth."""

    height_px: float
    plate_height_px: float
    seconds: float
    counts: bool


@dataclass(frozen=True, slots=True)
class NoiseOrigin:
    """What a noise was fitted on: the date, the cities' seeds, the models, and counts of the data."""

    made: str
    seeds: tuple[int, ...]
    models: tuple[str, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SeeingNoise:
    """The whole noise; `ties` correlates the faults, `sights` are passage sizes to draw from by kind of camera."""

    seen: HeightCurve
    duplicates: float
    phantoms: PhantomNoise
    times: TimeNoise
    types: ConfusionTable
    colours: ConfusionTable
    headings: HeadingNoise
    plates: PlateNoise
    likeness: SimilarityNoise
    ties: FaultCorrelations
    weathers: Mapping[str, WeatherOdds]
    sights: Mapping[str, tuple[PassageSize, ...]]
    origin: NoiseOrigin

    def sizes_at(self, kind: str) -> tuple[PassageSize, ...]:
        """Return the passage sizes at cameras of a kind, or at all cameras if the kind is unknown."""
        return self.sights.get(kind) or tuple(size for sizes in self.sights.values() for size in sizes)

    def odds_in(self, weather: str) -> WeatherOdds:
        """Return the factors of a weather, neutral if it was never filmed."""
        return self.weathers.get(weather, NEUTRAL_ODDS)

    def save(self, path: Path) -> None:
        """Write it as readable JSON."""
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
                kind: tuple(
                    PassageSize(height, plate, seconds, bool(counts)) for height, plate, seconds, counts in rows
                )
                for kind, rows in document["sights"].items()
            }
            origin = document["origin"]
            noise = cls(
                **{field: _built(get_type_hints(cls)[field], value) for field, value in given.items()},
                weathers={name: WeatherOdds(**odds) for name, odds in document["weathers"].items()},
                sights=sights,
                origin=NoiseOrigin(origin["made"], tuple(origin["seeds"]), tuple(origin["models"]), origin["counts"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError(
                f"{path} is no noise of seeing ({error}): fit it with 'retrace city fit-noise'"
            ) from None
        return noise.checked(path)

    def checked(self, path: Path) -> "SeeingNoise":
        """Return it, or refuse it if its tables do not fit the known types and colours; the error names `path`."""
        for confusion, known in ((self.types, VEHICLE_TYPES), (self.colours, COLOURS)):
            if any(len(row) != len(known) for row in (confusion.rows, *confusion.rows)):
                raise ArchiveError(f"{path} does not know the types and colours of today: run 'retrace city fit-noise'")
        if not self.sights or not all(self.sights.values()):
            raise ArchiveError(f"{path} holds no sights to draw passages from: run 'retrace city fit-noise'")
        return self


@cache
def packaged_noise() -> SeeingNoise:
    """Return the noise packaged with Retrace."""
    return SeeingNoise.load(PACKAGED)


def _built(kind: Any, value: Any) -> Any:
    """Return a value of a field's type from its JSON."""
    if isinstance(value, dict):
        hints = get_type_hints(kind)
        return kind(**{field.name: _built(hints[field.name], value[field.name]) for field in fields(kind)})
    if isinstance(value, list):
        return tuple(_built(None, part) for part in value)
    return value


def _short_lines(text: str) -> str:
    """Put every innermost list of numbers on one line."""
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
