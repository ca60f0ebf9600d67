"""Draw what a camera would have made of a passage: when it was seen, how it looked, and what its plate read."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from index.simulation.unfilmed.seeing_noise import DIMS, Confusion, Headings, Likeness, Plates, Spread, Times
from index.simulation.unfilmed.ties import Chances
from reid.plates.alphabet import plain
from reid.vehicle import Box, Corners, Plate

Floats = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LEAST_S = 0.25
"""The pipeline makes no sighting of less."""
VIEWS = 4


@dataclass(frozen=True, slots=True)
class Moments:
    """When a sighting begins, is at its best and ends, in seconds of its passage."""

    first_s: float
    best_s: float
    last_s: float


def draw_moments(times: Times, seconds: float, *, towards: bool, rng: np.random.Generator) -> Moments:
    """Return the moments of a sighting of a passage that takes so many seconds."""
    first_s = min(times.first.draw(rng) * seconds, max(0.0, seconds - LEAST_S))
    last_s = max(times.last.draw(rng) * seconds, first_s + LEAST_S)
    share = (times.best_towards if towards else times.best_away).draw(rng)
    return Moments(first_s, first_s + share * (last_s - first_s), last_s)


def draw_believed(
    true: str, known: Sequence[str], confusion: Confusion, chance: float, rng: np.random.Generator
) -> dict[str, float]:
    """Return the probabilities that a true value is given: it is believed where `chance` is low enough.

    Chances near each other make the same mistake.
    """
    row = confusion.rows[known.index(true)]
    right = row[known.index(true)] / sum(row)
    others = [0.0 if value == true else share for value, share in zip(known, row, strict=True)]
    believed = true if chance < right else known[_at_share(others, (chance - right) / max(1 - right, 1e-9))]
    sure = (confusion.sure_right if believed == true else confusion.sure_wrong).draw(rng)
    return spread_out(believed, known, sure)


def draw_phantom(
    shares: Sequence[float], known: Sequence[str], sure: Spread, rng: np.random.Generator
) -> dict[str, float]:
    """Return the probabilities that nothing is given."""
    return spread_out(known[_at_share(shares, rng.random())], known, sure.draw(rng))


def spread_out(believed: str, known: Sequence[str], sure: float) -> dict[str, float]:
    """Return probabilities of which the believed value has the most, and the others what is left in equal parts."""
    most = min(max(sure, 1.1 / len(known)), 1.0)
    rest = (1 - most) / (len(known) - 1)
    return {value: most if value == believed else rest for value in known}


def draw_heading(heading_deg: float, headings: Headings, chance: float, rng: np.random.Generator) -> float | None:
    """Return the heading that is believed, None where the pipeline cannot tell: where `chance` is too high."""
    if chance >= headings.known_share:
        return None
    if rng.random() < headings.wrong_share:
        return round(float(rng.uniform(0, 360)), 1) % 360
    return round(float(rng.normal(heading_deg, headings.deviation_deg)), 1) % 360


@dataclass(frozen=True, slots=True)
class PlateInView:
    """A plate that a camera may read: `odds` is what the weather does to them, `box` is the vehicle's."""

    text: str
    state: str
    height_px: float
    odds: float
    box: Box


def draw_plate(view: PlateInView, plates: Plates, chances: Chances, rng: np.random.Generator) -> Plate | None:
    """Return what is read from a plate, None where nothing is."""
    height_px, box = view.height_px, view.box
    if chances.plate >= plates.left(view.state) * plates.read.at(height_px, view.odds):
        return None
    written = plain(view.text)
    garbled = rng.random() < plates.garbled_share
    is_flawless = chances.flawless < plates.flawless.at(height_px)
    read = written if is_flawless else _misread(written, plates, height_px, rng)
    read = _garbled(len(written), rng) if garbled else read
    sure = (plates.sure_garbled if garbled else plates.sure).draw(rng)
    wide_px = height_px * 4.5
    corners: Corners = (
        (box.x, box.y),
        (box.x + wide_px, box.y),
        (box.x + wide_px, box.y + height_px),
        (box.x, box.y + height_px),
    )
    place = Box(box.x, box.y, wide_px, height_px)
    return Plate(place, corners, read, round(sure, 4), tuple({c: round(sure, 4)} for c in read))


def view_of(heading_deg: float) -> int:
    """Return which of the four sides a camera sees: rear, one side, front, the other side."""
    return int((heading_deg + 180 / VIEWS) % 360 // (360 / VIEWS))


def draw_vector(kind: str, own: int, heading_deg: float, likeness: Likeness, rng: np.random.Generator) -> Vector:
    """Return a unit vector: made of what all, a model and colour (`kind`), one, one side and a moment have."""
    parts = (
        _direction("any", likeness.freedom),
        _direction(kind, likeness.freedom),
        _direction(f"{kind} {own}", likeness.freedom),
        _direction(f"{kind} {own} {view_of(heading_deg)}", likeness.freedom),
    )
    steps = np.diff([0.0, likeness.other, likeness.twin, likeness.other_view, likeness.same_view])
    shown = np.sqrt(np.maximum(steps, 0.0)) @ np.stack(parts) * max(0.0, rng.normal(1.0, likeness.unevenness))
    return _with_moment(shown, likeness.freedom, rng)


def draw_phantom_vector(likeness: Likeness, rng: np.random.Generator) -> Vector:
    """Return a unit vector that is as like any vehicle as two vehicles are."""
    return _with_moment(np.sqrt(max(likeness.other, 0.0)) * _direction("any", likeness.freedom), likeness.freedom, rng)


def _with_moment(shown: Floats, freedom: int, rng: np.random.Generator) -> Vector:
    """Return a unit vector with what a sighting shows, and chance for the rest of its length."""
    left = np.sqrt(max(0.0, 1 - float(shown @ shown)))
    moment = rng.normal(size=freedom)
    mixed = shown + left * moment / np.sqrt(moment @ moment)
    vector = np.zeros(DIMS, np.float32)
    vector[:freedom] = mixed / np.sqrt(mixed @ mixed)
    return vector


@lru_cache(maxsize=50_000)
def _direction(name: str, freedom: int) -> Floats:
    """Return the direction that belongs to a name."""
    drawn = np.random.default_rng(list(name.encode())).normal(size=freedom)
    return np.asarray(drawn / np.linalg.norm(drawn))


def _at_share(shares: Sequence[float], at: float) -> int:
    """Return which of the shares, laid one behind the other, lies at a part of the whole."""
    sums = list(accumulate(shares))
    return min(bisect_right(sums, at * sums[-1]), len(shares) - 1)


def _misread(text: str, plates: Plates, height_px: float, rng: np.random.Generator) -> str:
    """Return a text of the plate with one mistake at least."""
    right = plates.character.at(height_px)
    read = "".join(c if rng.random() < right else _any_character(rng) for c in text)
    if rng.random() < plates.extra_share:
        return _any_character(rng) + read
    if read != text:
        return read
    wrong = int(rng.integers(len(text)))
    return text[:wrong] + CHARACTERS[(CHARACTERS.find(text[wrong]) + 1) % len(CHARACTERS)] + text[wrong + 1 :]


def _garbled(length: int, rng: np.random.Generator) -> str:
    return "".join(_any_character(rng) for _ in range(max(2, length - 1)))


def _any_character(rng: np.random.Generator) -> str:
    return CHARACTERS[int(rng.integers(len(CHARACTERS)))]
