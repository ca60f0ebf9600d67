"""Measure what hours and weather bring to learned travel times: held-out passages of a dry and of a snowy day.

    python -m benchmarks.weather_times

Simulated traffic on a generated town, by day and at the peak, dry and in snow; half of the vehicles teach, the other
half is held out. The figure is the mean log density of the held-out passages in nats; beside it the same times learned
without the classes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from benchmarks.claim import say
from benchmarks.road_maps import cameras_on_busy_roads, made_up_city
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import camera_times
from roadgraph.graph import RoadGraph
from roadgraph.passages import passages
from roadgraph.traffic import TrafficOptions, simulate
from roadgraph.travel_time import LearnOptions, PairPassage, TravelTimes

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
SITUATIONS = ((8.0, "dry"), (8.0, "snow"), (13.0, "dry"), (13.0, "snow"))
CAMERAS, VEHICLES, MINUTES, SEED = 12, 2500, 40.0, 31_001
WINDOW_S = 1200.0
CHECKED, TAILS, GRID = 50, (0.005, 0.995), 20_000


def main() -> None:
    """Print the claims."""
    graph = made_up_city(24, 3)
    placed = cameras_on_busy_roads(graph, CAMERAS, seed=3)
    times = TravelTimes(camera_times(graph, placed))
    teaching, held_out = [], []
    for number, (hour, weather) in enumerate(SITUATIONS):
        seen = _pairs(graph, placed, hour, weather, SEED + number)
        teaching += [passage for vehicle, passage in seen if vehicle % 2]
        held_out += [passage for vehicle, passage in seen if not vehicle % 2]
    with_weather = times.learn(teaching, LearnOptions(wrong_share=0.0))
    hours_alone = times.learn([replace(one, weather=None) for one in teaching], LearnOptions(wrong_share=0.0))
    neither = times.learn([replace(one, at=None, weather=None) for one in teaching], LearnOptions(wrong_share=0.0))
    for weather in ("dry", "snow"):
        asked = [one for one in held_out if one.weather == weather]
        what = f"{len(asked)} held-out passages, {weather}, after {len(teaching)} passages"
        for name, learned in (("hours and weather", with_weather), ("hours alone", hours_alone)):
            say(f"{what}: log density by {name}", value=_density(learned, asked), unit="nats", peer="neither",
                peer_value=_density(neither, asked), less_is_better=False,
                correct=_is_density(learned, asked) and _is_density(neither, asked))  # fmt: skip


def _pairs(
    graph: RoadGraph, placed: Sequence[PlacedCamera], hour: float, weather: str, seed: int
) -> list[tuple[int, PairPassage]]:
    """Return each vehicle's drives from one camera to the next one that saw it."""
    options = TrafficOptions(vehicles=VEHICLES, minutes=MINUTES, seed=seed, hour=hour, weather=weather)
    seen = sorted(passages(graph, simulate(graph, options), placed), key=lambda one: (one.vehicle, one.time_s))
    start = MONDAY + timedelta(hours=hour)
    found = []
    for one, after in pairwise(seen):
        elapsed_s = after.time_s - one.time_s
        if one.vehicle == after.vehicle and one.camera != after.camera and elapsed_s <= WINDOW_S:
            at = start + timedelta(seconds=one.time_s)
            found.append((one.vehicle, PairPassage(one.camera, after.camera, elapsed_s, at, weather)))
    return found


def _density(travel: TravelTimes, asked: Sequence[PairPassage]) -> float:
    logs = [float(travel.log_density(one.first, one.second, one.elapsed_s, one.at, one.weather)) for one in asked]
    return float(np.mean(np.maximum(logs, -20.0)))


def _is_density(travel: TravelTimes, asked: Sequence[PairPassage]) -> bool:
    """Return whether between two quantiles lies no more than the share that they say: else its log would flatter."""
    shares = []
    for one in asked[:: max(1, len(asked) // CHECKED)]:
        pair, when = (one.first, one.second), (one.at, one.weather)
        low_s, high_s = (travel.quantile(*pair, share, *when) for share in TAILS)
        edges_s = np.linspace(low_s, high_s, GRID + 1)
        middles_s, step_s = (edges_s[1:] + edges_s[:-1]) / 2, edges_s[1] - edges_s[0]
        shares.append(np.exp(travel.log_density(*pair, middles_s, *when)).sum() * step_s)
    return bool(max(shares) < TAILS[1] - TAILS[0] + 0.01)


if __name__ == "__main__":
    main()
