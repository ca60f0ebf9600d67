"""Print a measured claim: a figure, its peer's from the same run, whether the answer was right, and the machine."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure and its peer's, None where nothing could be measured.

    `ratio` above 1 is better than the peer, None if a figure is missing, 0 or negative.
    `correct` says whether the answers were right; None if there are no answers, or if the figure is itself the share of
    right ones.
    """

    claim: str
    value: float | None
    unit: str
    peer: str
    peer_value: float | None
    ratio: float | None
    correct: bool | None
    machine: str


def say(
    claim: str,
    *,
    value: float | None,
    unit: str,
    peer: str,
    peer_value: float | None,
    less_is_better: bool,
    correct: bool | None = None,
) -> None:
    """Print a claim as one line of JSON."""
    better, worse = (peer_value, value) if less_is_better else (value, peer_value)
    ratio = better / worse if better is not None and worse is not None and min(better, worse) > 0 else None
    line = Claim(claim, _short(value), unit, peer, _short(peer_value), _short(ratio), correct, machine())
    print(json.dumps(asdict(line)), flush=True)


def say_spread(claim: str, seconds: Sequence[float], correct: bool | None = None) -> None:
    """Print the median of some seconds beside their 99th percentile, in milliseconds."""
    middle_ms, slow_ms = (1000 * float(found) for found in np.percentile(seconds, (50, 99)))
    say(
        f"{claim}: p50",
        value=middle_ms,
        unit="ms",
        peer="p99 of the same",
        peer_value=slow_ms,
        less_is_better=True,
        correct=correct,
    )


def say_medians(claim: str, seconds: Sequence[float], *, peer: str, peer_seconds: Sequence[float]) -> None:
    """Print the median of some seconds beside that of the peer's."""
    say(
        claim,
        value=statistics.median(seconds),
        unit="s",
        peer=peer,
        peer_value=statistics.median(peer_seconds),
        less_is_better=True,
    )


def median_ms(action: Callable[[int], object], times: int) -> float:
    """Return the median milliseconds of an action; it receives a number, so that every call can differ."""
    return statistics.median(times_ms(action, times))


def times_ms(
    action: Callable[[int], object], times: int, *, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the milliseconds of each call of an action, sorted; it receives a number, so that calls can differ.

    With `time.thread_time` as the clock they are those of the processor, which other programs do not prolong.
    """
    action(0)
    taken = []
    for number in range(1, times + 1):
        began = clock()
        action(number)
        taken.append(1000 * (clock() - began))
    return sorted(taken)


def machine() -> str:
    """Return the processor, the cores this process may use, and how busy they were."""
    name = next((line.split(":", 1)[1].strip() for line in _cpu_lines() if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name or platform.processor() or platform.machine()}, {cores} cores, load {os.getloadavg()[0]:.1f}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
