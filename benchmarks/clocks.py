"""Measure how well the clocks of cities are learned, and what that brings to the search.

    python -m benchmarks.clocks [hard] [normal] [normal-rates] [hard-rates] [--full]

Cities of eight cameras without video, of seeds that nothing was fitted on: of 1,000 vehicles and five minutes, whose
clocks keep their rate; and of half an hour with about 200 vehicles an hour past each camera, of which four in ten lie
about their rate of frames by up to 20 % and all drift by up to 30 s a day. Clocks are compared up to one common
constant, which no drive tells. `--full` asks 40 questions of each of the first three times: with its clocks as
they are, as they were learned, and as they truly are.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say
from index.access.permissions import local_person
from index.learning.clocks import learn_clocks
from index.learning.learned_clock import LearnedClock
from index.map.map_changes import forget_clock, set_clock
from index.simulation.answer_score import ask, ranking_figures
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.questions import draw_questions
from index.simulation.synthetic.sightings import make_sightings
from index.simulation.truth import TrueDrift
from index.store.archive import Archive
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import ClockOffset

QUESTIONS = 40
NEAR_S = 3.0
NEAR_RATED_S, NEAR_RATE = 2.0, 0.002
FEWEST_KEPT = 2
"""The only clock kept in a city agrees with the common constant whatever it says, which tells nothing."""


@dataclass(frozen=True, slots=True)
class City:
    """A city without video, its archive, and how far each clock is truly ahead."""

    folder: Path
    archive: Archive
    ahead_s: Mapping[str, float]
    drifts: Mapping[str, TrueDrift] = field(default_factory=dict)

    def ahead_at(self, camera: str, shown: datetime) -> float:
        """Return how far a clock is truly ahead when it shows a time."""
        gained = self.drifts[camera].gained(shown) if camera in self.drifts else timedelta(0)
        return self.ahead_s[camera] + gained.total_seconds()


def main() -> None:
    """Print the claims of the parts asked for, or of all."""
    full, asked = "--full" in sys.argv, [word for word in sys.argv[1:] if word != "--full"]
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        raise SystemExit(f"there is no part {unknown[0]!r}: choose of {', '.join(PARTS)}")
    for name in asked or PARTS:
        PARTS[name](full)


def steady(preset: str, seeds: Sequence[int], *, full: bool) -> None:
    """Print the claims of cities whose clocks keep their rate."""
    with cities(CityOptions(cameras=8, vehicles=1000, minutes=5.0, preset=preset), seeds) as made:
        say_clocks(preset, made, [learn_clocks(city.archive, local_person()) for city in made])
        for seed, city in zip(seeds, made, strict=True) if full else ():
            say_search(f"{preset} {seed}", city)


def lying(preset: str, seeds: Sequence[int]) -> None:
    """Print the claims of cities with cameras that lie about their rate."""
    rates = CityOptions(cameras=8, vehicles=150, minutes=30.0, preset=preset, wrong_rates=0.4, drift_s_per_day=30.0)
    with cities(rates, seeds) as made:
        say_rates(preset, made, [learn_clocks(city.archive, local_person()) for city in made])


PARTS: Mapping[str, Callable[[bool], None]] = {
    "hard": lambda full: steady("hard", (10_191, 10_192), full=full),
    "normal": lambda full: steady("normal", (10_161, 10_162), full=full),
    "normal-rates": lambda _: lying("normal", (10_171, 10_172)),
    "hard-rates": lambda _: lying("hard", (10_181, 10_182)),
}


@contextmanager
def cities(options: CityOptions, seeds: Sequence[int]) -> Iterator[list[City]]:
    """Make the cities of some seeds for a `with` block."""
    with TemporaryDirectory() as folder:
        yield [_city(Path(folder) / str(seed), replace(options, seed=seed)) for seed in seeds]


def say_clocks(preset: str, made: Sequence[City], learned: Sequence[Sequence[LearnedClock]]) -> None:
    """Claim how far learned clocks are off, beside clocks that nobody doubts, and whether their intervals hold."""
    errors, held, before, clocks, kept_ones = [], [], [], 0, 0
    for city, found in zip(made, learned, strict=True):
        clocks += len(city.ahead_s)
        before += [abs(error) for error in _around_median(list(city.ahead_s.values()))]
        kept = [clock for clock in found if clock.is_found]
        kept_ones += len(kept)
        if len(kept) < FEWEST_KEPT:
            continue
        constant = np.median([clock.estimate.offset_s - city.ahead_s[clock.camera] for clock in kept])
        for clock in kept:
            true_s = city.ahead_s[clock.camera] + constant
            errors.append(abs(clock.estimate.offset_s - true_s))
            held.append(clock.estimate.low_s <= true_s <= clock.estimate.high_s)
    what = f"clocks of {len(made)} {preset} cities, {clocks} cameras"
    say(f"{what}: kept", value=kept_ones / clocks, unit="share", peer="all", peer_value=1.0, less_is_better=False)
    say(f"{what}: error of those kept, median", value=_or_null(np.median, errors), unit="s", peer="clocks as they are",
        peer_value=float(np.median(before)), less_is_better=True)  # fmt: skip
    near, near_before = (_or_null(np.mean, [off <= NEAR_S for off in off_s]) for off_s in (errors, before))
    say(f"{what}: within {NEAR_S:.0f} s of those kept", value=near, unit="share", peer="clocks as they are",
        peer_value=near_before, less_is_better=False)  # fmt: skip
    say(f"{what}: inside the 90 % interval", value=_or_null(np.mean, held), unit="share", peer="wanted",
        peer_value=0.9, less_is_better=False)  # fmt: skip


def say_rates(preset: str, made: Sequence[City], learned: Sequence[Sequence[LearnedClock]]) -> None:
    """Claim how near the lines of clocks come that lie about their rate, and how many are found."""
    errors_s, rate_errors, wrong, found, kept_ones = [], [], 0, 0, 0
    for city, clocks in zip(made, learned, strict=True):
        kept = [clock for clock in clocks if clock.is_found]
        kept_ones += len(kept)
        off_s = [clock.estimate.offset_s - city.ahead_at(clock.camera, clock.at) for clock in kept]
        errors_s += [abs(one - np.median(off_s)) for one in off_s] if len(kept) >= FEWEST_KEPT else []
        rate_errors += [abs(clock.rate.drift - city.drifts[clock.camera].drift) for clock in kept]
        lying = {camera for camera, one in city.drifts.items() if abs(one.drift) > NEAR_RATE}
        wrong += len(lying)
        found += sum(clock.camera in lying and clock.rate.is_wrong for clock in kept)
    what = f"rates of {len(made)} {preset} cities, {8 * len(made)} cameras, {wrong} lie about theirs"
    say(f"{what}: found", value=found / wrong, unit="share", peer="all", peer_value=1.0, less_is_better=False)
    say(f"{what}: kept", value=kept_ones / (8 * len(made)), unit="share", peer="all", peer_value=1.0,
        less_is_better=False)  # fmt: skip
    near, rate_near = (
        _or_null(np.mean, [off <= most for off in errors])
        for errors, most in ((errors_s, NEAR_RATED_S), (rate_errors, NEAR_RATE))
    )
    say(f"{what}: within {NEAR_RATED_S:.0f} s of those kept", value=near, unit="share", peer="wanted",
        peer_value=1.0, less_is_better=False)  # fmt: skip
    say(f"{what}: rate within {NEAR_RATE:.1%} of those kept", value=rate_near, unit="share", peer="wanted",
        peer_value=1.0, less_is_better=False)  # fmt: skip


def say_search(what: str, city: City) -> None:
    """Claim the fused mean average precision with learned clocks, beside clocks as they are and true ones."""
    learned = fused_map(city)
    for camera in city.ahead_s:
        forget_clock(city.archive, local_person(), camera, ALWAYS)
    unknown = fused_map(city)
    for camera, ahead_s in city.ahead_s.items():
        set_clock(city.archive, local_person(), ClockOffset(camera, ahead_s, ahead_s - 0.1, ahead_s + 0.1))
    true = fused_map(city)
    say(f"{what}: fused mAP, {QUESTIONS} questions, learned clocks", value=learned, unit="mAP",
        peer="clocks unknown", peer_value=unknown, less_is_better=False)  # fmt: skip
    say(f"{what}: fused mAP, {QUESTIONS} questions, learned clocks", value=learned, unit="mAP",
        peer="true clocks", peer_value=true, less_is_better=False)  # fmt: skip


def fused_map(city: City) -> float:
    """Return the mean average precision of the fused ranking."""
    truth = read_truth(city.folder)
    matched = match_archive(city.archive, city.folder, truth)
    questions = draw_questions(matched.known_sightings(truth), truth.passages, n=QUESTIONS, seed=0)
    answers = [ask(city.archive, question, seed=0) for question in questions]
    return float(ranking_figures(answers, "fused", matched.matches)["map"].value or 0.0)


def _city(folder: Path, options: CityOptions) -> City:
    archive = Archive.create(folder / "archive")
    make_sightings(folder / "city", options, archive)
    truth = read_truth(folder / "city")
    return City(folder / "city", archive, truth.clocks, truth.drifts)


def _or_null(figure: Callable[[Sequence[float]], np.floating], values: Sequence[float]) -> float | None:
    """Return a figure of some values, None where there are none."""
    return float(figure(values)) if values else None


def _around_median(ahead_s: Sequence[float]) -> list[float]:
    middle = float(np.median(ahead_s))
    return [one - middle for one in ahead_s]


if __name__ == "__main__":
    main()
