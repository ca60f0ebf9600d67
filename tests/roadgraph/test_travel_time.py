from datetime import UTC, datetime

import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.pair_delays import PairScale
from roadgraph.travel_time import LearnOptions, PairPassage, TravelTimes, hour_class
from tests.roadgraph.maps import LAT0, LON0, STEP, grid

MORNING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def times() -> CameraTimes:
    graph = grid(2, 30)
    cameras = [Camera(name, LAT0, LON0 + (i * 8 + 0.5) * STEP, 90) for i, name in enumerate("abcd")]
    return camera_times(graph, snap(graph, cameras))


def true_times(times: CameraTimes, first: str, second: str, count: int, seed: int) -> np.ndarray:
    leg = times.between(first, second)
    rng = np.random.default_rng([seed, ord(first), ord(second)])
    body = leg.usual_s * rng.lognormal(0.05, 0.12, size=count)
    return np.where(rng.random(count) < 0.1, body + rng.exponential(200, size=count), body)


def passages(times: CameraTimes, count: int, *, wrong: float = 0.0, seed: int = 0) -> list[PairPassage]:
    rng = np.random.default_rng(seed + 1)
    found = []
    for first, second in (("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")):
        elapsed = true_times(times, first, second, count, seed)
        elapsed = np.where(rng.random(count) < wrong, rng.uniform(0, 1800, size=count), elapsed)
        found += [PairPassage(first, second, float(seconds), MORNING) for seconds in elapsed]
    return found


def test_nothing_comes_before_the_earliest_and_the_density_is_one(times: CameraTimes) -> None:
    travel = TravelTimes(times)
    earliest_s = times.between("a", "b").free_s / 1.3
    seconds = np.linspace(earliest_s, 20_000, 400_001)[1:]
    density = np.exp(travel.log_density("a", "b", seconds))
    assert np.isneginf(travel.log_density("a", "b", np.array([0.0, earliest_s * 0.99]))).all()
    assert density.sum() * (seconds[1] - seconds[0]) == pytest.approx(1, abs=0.02)


def test_quantiles_agree_with_the_density(times: CameraTimes) -> None:
    travel = TravelTimes(times).learn(passages(times, 50))
    seconds = np.linspace(0, travel.quantile("a", "b", 0.8), 200_001)[1:]
    below = np.exp(travel.log_density("a", "b", seconds)).sum() * seconds[0]
    assert below == pytest.approx(0.8, abs=0.01)


def test_long_stops_stay_possible(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(passages(times, 3000))
    assert learned.log_density("a", "b", np.array([1500.0]))[0] > -20


@pytest.mark.parametrize(("count", "wrong"), [(30, 0.0), (30, 0.2), (3000, 0.0), (3000, 0.2)])
def test_intervals_cover_their_share(times: CameraTimes, count: int, wrong: float) -> None:
    held = []
    for seed in range(8 if count < 100 else 1):
        learned = TravelTimes(times).learn(passages(times, count, wrong=wrong, seed=10 * seed))
        for first, second in (("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")):
            fresh = true_times(times, first, second, 4000, seed=99)
            low, high = (learned.quantile(first, second, share, MORNING) for share in (0.05, 0.95))
            held.append(((fresh >= low) & (fresh <= high)).mean())
    assert 0.85 <= np.mean(held) <= 0.95


def test_many_passages_bring_the_quantiles_to_the_truth(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(passages(times, 3000))
    fresh = true_times(times, "a", "b", 20_000, seed=7)
    for share in (0.1, 0.5, 0.8):
        assert learned.quantile("a", "b", share, MORNING) == pytest.approx(np.quantile(fresh, share), rel=0.05)


def test_a_pair_without_passages_learns_from_the_others(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(passages(times, 300))
    fresh = true_times(times, "b", "d", 4000, seed=5)
    known, unknown = (one.log_density("b", "d", fresh, MORNING).mean() for one in (learned, TravelTimes(times)))
    assert known > unknown


def test_hours_are_learned_separately(times: CameraTimes) -> None:
    slow = [PairPassage("a", "b", 200.0 + i % 20, MORNING) for i in range(200)]
    fast = [PairPassage("a", "b", 100.0 + i % 20, NIGHT) for i in range(200)]
    learned = TravelTimes(times).learn(slow + fast)
    assert learned.quantile("a", "b", 0.5, MORNING) > 190
    assert learned.quantile("a", "b", 0.5, NIGHT) < 130


def test_known_shares_of_wrong_pairs_may_be_given(times: CameraTimes) -> None:
    dirty = [one for one in passages(times, 400, wrong=0.2) if one.elapsed_s > times.between("a", "b").free_s / 1.3]
    given = TravelTimes(times).learn(dirty, LearnOptions(wrong_share=0.2))
    ignored = TravelTimes(times).learn(dirty, LearnOptions(wrong_share=0.0))
    assert given.quantile("a", "b", 0.95) < ignored.quantile("a", "b", 0.95)


def test_unreachable_and_unknown_pairs_are_impossible(times: CameraTimes) -> None:
    travel = TravelTimes(times)
    assert np.isneginf(travel.log_density("a", "nowhere", np.array([100.0]))).all()
    assert travel.quantile("a", "nowhere", 0.5) == float("inf")
    assert travel.learn([PairPassage("a", "nowhere", 10.0)]).quantile("a", "b", 0.5) == travel.quantile("a", "b", 0.5)


def test_hour_classes_follow_the_sun() -> None:
    assert hour_class(MORNING) == "peak"
    assert hour_class(NIGHT) == "night"
    assert hour_class(datetime(2026, 5, 3, 8, 0, tzinfo=UTC)) == "day"
    assert hour_class(NIGHT, lon=90.0) == "peak"


def test_the_common_scale_goes_both_ways() -> None:
    scale = PairScale.of(60.0, 90.0)
    seconds = np.array([50.0, 90.0, 400.0])
    assert scale.to_s(scale.to_u(seconds)) == pytest.approx(seconds)


def in_weather(weather: str | None, seconds: float, count: int) -> list[PairPassage]:
    return [PairPassage("a", "b", seconds + i % 20, MORNING, weather) for i in range(count)]


def test_weathers_are_learned_separately_within_the_hours(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(in_weather("snow", 250.0, 200) + in_weather("dry", 100.0, 200))
    assert learned.quantile("a", "b", 0.5, MORNING, "snow") > 235
    assert learned.quantile("a", "b", 0.5, MORNING, "dry") < 130
    assert learned.quantile("a", "b", 0.9, MORNING) > 235


def test_a_weather_with_few_passages_stays_near_its_hours(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(in_weather(None, 100.0, 200) + in_weather("snow", 250.0, 1))
    usual_s = learned.quantile("a", "b", 0.5, MORNING)
    assert learned.quantile("a", "b", 0.5, MORNING, "snow") == pytest.approx(usual_s, rel=0.15)
    assert learned.quantile("a", "b", 0.95, MORNING, "snow") > learned.quantile("a", "b", 0.95, MORNING)


def test_an_unknown_weather_falls_back_to_the_hours_and_unknown_hours_to_the_pair(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(in_weather("dry", 150.0, 50))
    assert learned.quantile("a", "b", 0.5, MORNING, "fog") == learned.quantile("a", "b", 0.5, MORNING)
    assert learned.shape("a", "b", NIGHT, "dry") is learned.shape("a", "b")
    assert learned.shape("b", "c", MORNING, "dry") is learned.shape("b", "c")


def test_a_pair_that_was_learned_by_day_is_faster_by_night(times: CameraTimes) -> None:
    learned = TravelTimes(times).learn(in_weather(None, 150.0, 200))
    assert learned.quantile("a", "b", 0.5, NIGHT) < 0.8 * learned.quantile("a", "b", 0.5, MORNING)
    earliest_s = times.between("a", "b").free_s / 1.3
    assert np.isneginf(learned.log_density("a", "b", earliest_s * 0.99, NIGHT))
