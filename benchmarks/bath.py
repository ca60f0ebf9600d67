"""Judge travel times and next cameras on what plate cameras counted in Bath: `python -m benchmarks.bath`.

`RETRACE_MATERIAL` names the folder that has `bath/`. Every figure is of sites whose counts the numbers were not fitted
on: they are fitted on one half of the sources and judged on the other, and the other way round. `--fit FILE` fits them
on all sources and writes the file that `roadgraph/usual_driving.json` is.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.bath_counts import COUNTED_S, Bath, PairCounts, read_bath
from benchmarks.bath_fit import (
    FEWEST_IN_HOUR,
    Ways,
    counted_mean_s,
    counted_quantile,
    fit,
    next_choices,
    times_by,
    ways_of,
)
from benchmarks.claim import say
from index.search.travel import ANOTHER_WAY_BACK
from roadgraph.arrays import Floats, Ints
from roadgraph.driving_speed import delay_s, drive, driver_shares
from roadgraph.next_camera import with_counts
from roadgraph.pair_delays import LEAST_SCALE_S, SLACK
from roadgraph.travel_time import clock_hours
from roadgraph.usual_driving import UsualDriving, usual_driving

SEED = 18
FORMER_FACTOR = 1.54
"""By how much real drives are longer than routed ones, over all pairs."""
NEAREST_FIRST_S = 240.0
SHORT_S = 300.0
HOURS = (8.0, 13.0, 13.0)
"""Simulated traffic is mixed of these hours, one of three at the peak."""
DRIVERS, HASTY_SHARE = 10, 0.1
ABOUT = (
    "fitted by `python -m benchmarks.bath --fit` on counts of plate cameras: contains public sector information of "
    "Bath & North East Somerset Council, licensed under the Open Government Licence v3.0; roads (c) OpenStreetMap "
    "contributors"
)


@dataclass(frozen=True, eq=False)
class Judged:
    """Counts of half of the sources, and how people drive by the counts of the other half."""

    sources: Ints
    rows: PairCounts
    by_hour: PairCounts
    driving: UsualDriving
    earliest_s: Floats
    usual_s: Floats

    @classmethod
    def of(cls, bath: Bath, sources: Ints, driving: UsualDriving) -> "Judged":
        """Return the compared pairs of some sources with their times."""
        rows = bath.by_pair.only(np.isin(bath.by_pair.first, sources))
        rows = rows.only(bath.compared(rows))
        by_hour = bath.by_hour.only(np.isin(bath.by_hour.first, sources))
        by_hour = by_hour.only(bath.compared(by_hour, 1) & np.isin(_codes(by_hour), _codes(rows)))
        return cls(sources, rows, by_hour, driving, *_scale_s(bath, rows, driving))


def main() -> None:
    """Print every claim, or fit the numbers that are shipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, metavar="FILE", help="fit on all sources and write the numbers")
    path = parser.parse_args().fit
    material = os.environ.get("RETRACE_MATERIAL")
    if material is None or not (Path(material) / "bath").is_dir():
        raise SystemExit("RETRACE_MATERIAL names no folder with bath/ in it: see docs/roads.md for its source")
    bath = read_bath(Path(material) / "bath")
    if path is not None:
        replace(fit(bath, bath.sources), about=ABOUT).save(path)
        return
    halves = halves_of(bath.sources)
    judged = [Judged.of(bath, aside, fit(bath, known)) for known, aside in (halves, halves[::-1])]
    say_means(judged)
    say_hours(bath, judged)
    say_earliest(Path(material) / "bath", bath, judged)
    say_intervals(bath, judged)
    say_traffic(bath)
    say_next(bath, judged)
    say_returns(bath)


def halves_of(sources: Ints) -> tuple[Ints, Ints]:
    """Return two halves of the sources, drawn by a fixed seed."""
    drawn = np.random.default_rng(SEED).permutation(sources)
    return np.sort(drawn[: len(drawn) // 2]), np.sort(drawn[len(drawn) // 2 :])


def say_means(judged: Sequence[Judged]) -> None:
    """Claim how far predicted mean times are from counted ones."""
    mean_s = np.concatenate([one.rows.mean_s for one in judged])
    routed_s = np.concatenate([one.rows.routed_s for one in judged])
    usual_s = np.concatenate([one.usual_s for one in judged])
    predicted_s = np.concatenate([counted_mean_s(one.earliest_s, one.usual_s, one.driving) for one in judged])
    what = f"mean seconds of {len(mean_s)} pairs, sources kept aside, median relative error"
    value, routed, longer = (median_error(s, mean_s) for s in (predicted_s, routed_s, FORMER_FACTOR * routed_s))
    say(what, value=value, unit="share", peer="another router's seconds as they are", peer_value=routed,
        less_is_better=True, correct=value <= 0.13)  # fmt: skip
    say(what, value=value, unit="share", peer=f"these, {FORMER_FACTOR} times as long", peer_value=longer,
        less_is_better=True, correct=value <= 0.13)  # fmt: skip
    say(f"{what}: the median drive alone, without errands", value=median_error(usual_s, mean_s), unit="share",
        peer=f"another router's, {FORMER_FACTOR} times as long", peer_value=longer, less_is_better=True)  # fmt: skip


def say_hours(bath: Bath, judged: Sequence[Judged]) -> None:
    """Claim how far predicted means of single hours are from counted ones, with and without classes of hours."""
    errors: dict[str, list[Floats]] = {}
    for one in judged:
        rows = one.by_hour.only(one.by_hour.count >= FEWEST_IN_HOUR)
        earliest_s, usual_s = _scale_s(bath, rows, one.driving)
        classes = _classes(rows)
        hours = np.array([one.driving.hours[name] for name in classes])
        for number, factor in enumerate((hours, np.ones(len(hours)))):
            off = np.abs(counted_mean_s(earliest_s, usual_s, one.driving, factor) / rows.mean_s - 1)
            for name in one.driving.hours:
                errors.setdefault(f"{name}{number}", []).append(off[classes == name])
    for name in judged[0].driving.hours:
        with_hours, without = (float(np.median(np.concatenate(errors[f"{name}{number}"]))) for number in (0, 1))
        say(f"mean seconds in one hour, {name}, sources kept aside, median relative error", value=with_hours,
            unit="share", peer="without regard to the hour", peer_value=without, less_is_better=True)  # fmt: skip


def say_earliest(folder: Path, bath: Bath, judged: Sequence[Judged]) -> None:
    """Claim how many counted means come before the earliest time, with the bridge open, and as the map has it."""
    closed = read_bath(folder, bridge_open=False)
    early = sum(int((one.rows.mean_s < one.earliest_s).sum()) for one in judged)
    as_drawn = sum(int((one.rows.mean_s < _scale_s(closed, one.rows, one.driving)[0]).sum()) for one in judged)
    total = sum(len(one.rows.mean_s) for one in judged)
    say(f"means of {total} pairs before the earliest time", value=early / total, unit="share",
        peer="with the bridge closed, as in the map", peer_value=as_drawn / total, less_is_better=True,
        correct=early == 0)  # fmt: skip
    for one in judged:
        for row in np.flatnonzero(one.rows.mean_s < one.earliest_s).tolist():
            first, second = (bath.placed[int(sites[row])].id for sites in (one.rows.first, one.rows.second))
            mean_s, earliest_s = float(one.rows.mean_s[row]), float(one.earliest_s[row])
            say(f"site {first} to site {second}: mean seconds", value=mean_s, unit="s",
                peer="earliest on these roads", peer_value=earliest_s, less_is_better=False)  # fmt: skip


def say_intervals(bath: Bath, judged: Sequence[Judged]) -> None:
    """Claim how many single vehicles come within predicted intervals: the hours in which one vehicle was counted."""
    for share in (0.5, 0.9):
        inside, width_s = [], []
        for one in judged:
            rows = one.by_hour.only(one.by_hour.count == 1)
            earliest_s, usual_s = _scale_s(bath, rows, one.driving)
            hours = np.array([one.driving.hours[name] for name in _classes(rows)])
            unit_s = np.maximum(usual_s - earliest_s, LEAST_SCALE_S) * hours
            known = earliest_s < COUNTED_S - 60
            low_s, high_s = (
                counted_quantile(earliest_s[known], unit_s[known], one.driving, q)
                for q in ((1 - share) / 2, (1 + share) / 2)
            )
            inside.append((rows.mean_s[known] >= low_s) & (rows.mean_s[known] <= high_s))
            width_s.append(high_s - low_s)
        held, width = np.concatenate(inside), float(np.median(np.concatenate(width_s)))
        what = f"{len(held)} single vehicles, sources kept aside: {share:.0%} interval"
        say(f"{what}, inside", value=float(held.mean()), unit="share", peer="wanted", peer_value=share,
            less_is_better=False, correct=bool(abs(held.mean() - share) < 0.05))  # fmt: skip
        say(f"{what}, median width", value=width, unit="s", peer="the same share of the counted time",
            peer_value=share * COUNTED_S, less_is_better=True)  # fmt: skip


def say_traffic(bath: Bath) -> None:
    """Claim how the ratio of simulated drives to the least time is distributed, beside that of counted ones."""
    rows = bath.by_pair.only(bath.compared(bath.by_pair))
    ways = ways_of(bath, rows, usual_driving())
    ratio, counted = simulated_mean_s(bath, ways) / ways.free_s, rows.mean_s / ways.free_s
    near = ways.free_s < SHORT_S
    for name, pairs in (("up to", near), ("beyond", ~near)):
        for share in (0.1, 0.5, 0.9):
            say(f"simulated traffic, {int(pairs.sum())} pairs {name} {SHORT_S / 60:.0f} min: mean over least time, "
                f"{share:.0%} of the pairs below", value=float(np.quantile(ratio[pairs], share)), unit="times",
                peer="counted", peer_value=float(np.quantile(counted[pairs], share)), less_is_better=False)  # fmt: skip


def simulated_mean_s(bath: Bath, ways: Ways) -> Floats:
    """Return the mean seconds of simulated vehicles on ways, errands included, counted as in the city."""
    rng = np.random.default_rng(SEED)
    trips = np.repeat(np.arange(len(ways.edges)), DRIVERS)
    edges = np.concatenate([ways.edges[trip] for trip in trips.tolist()])
    sizes = np.array([len(ways.edges[trip]) for trip in trips.tolist()])
    took_s = []
    for hour in HOURS:
        timing = drive(
            bath.graph,
            rng,
            edges=edges,
            length_m=np.concatenate([ways.length_m[trip] for trip in trips.tolist()]),
            trip=np.repeat(np.arange(len(trips), dtype=np.int32), sizes),
            start_s=np.zeros(len(trips)),
            driver=driver_shares(rng, len(trips), HASTY_SHARE),
            road_share=np.ones(bath.graph.edges),
            jams=[],
            delays_s=delay_s(bath.graph, rng, hour),
        )
        took_s.append(timing.exit_s[np.cumsum(sizes) - 1].reshape(-1, DRIVERS))
    drives_s = np.concatenate(took_s, axis=1)
    in_time = np.maximum(drives_s <= COUNTED_S, 1e-6)
    straight_s = (np.minimum(drives_s, COUNTED_S) * in_time).sum(axis=1) / in_time.sum(axis=1)
    earliest_s = ways.free_s / SLACK
    odds = usual_driving().errand_odds * (1 - earliest_s / COUNTED_S)
    return np.asarray((straight_s + odds * (earliest_s + COUNTED_S) / 2) / (1 + odds))


def say_next(bath: Bath, judged: Sequence[Judged]) -> None:
    """Claim how surprising the next site is, in nats a vehicle: among those ever seen next, and among all."""
    total, losses = 0.0, dict.fromkeys(("roads", "all", "uniform", "nearest", "own", "counted"), 0.0)
    halves: dict[str, float] = dict.fromkeys(("vehicles", "roads", "uniform", "own", "counted"), 0.0)
    for one in judged:
        pairs = bath.by_pair.only(np.isin(bath.by_pair.first, one.sources))
        for choice in next_choices(bath, pairs, one.driving):
            own = pairs.only(pairs.first == choice.source)
            log_share = choice.log_shares(np.array(astuple(one.driving.next_camera)))
            seen = choice.count > 0
            count, counted = choice.count[seen], choice.count.sum()
            prior = np.exp(log_share[seen] - np.logaddexp.reduce(log_share[seen]))
            routed_s = np.nan_to_num(own.routed_s[np.argsort(own.second)])
            nearest = -routed_s / NEAREST_FIRST_S
            total += counted
            losses["roads"] -= float(count @ np.log(prior))
            losses["all"] -= float(count @ log_share[seen])
            losses["uniform"] += float(counted * np.log(seen.sum()))
            losses["nearest"] -= float(count @ (nearest - np.logaddexp.reduce(nearest)))
            losses["own"] -= float(count @ np.log(count / counted))
            losses["counted"] -= float(count @ np.log(_after_hundred(prior, count)))
            for name, loss in _half_counted(prior, count).items():
                halves[name] += loss
    nats = {name: float(loss / total) for name, loss in losses.items()}
    what = "next camera, sources kept aside, among those ever seen next: surprise"
    for peer, name in (
        ("all alike", "uniform"),
        ("exp(-routed seconds / 240)", "nearest"),
        ("their own counts", "own"),
    ):
        say(what, value=nats["roads"], unit="nats", peer=peer, peer_value=nats[name], less_is_better=True,
            correct=nats["roads"] <= 2.7)  # fmt: skip
    say("next camera, sources kept aside, among all sites: surprise", value=nats["all"], unit="nats", peer="all alike",
        peer_value=float(np.log(len(bath.placed))), less_is_better=True)  # fmt: skip
    say("next camera, after a hundred vehicles of each source: surprise", value=nats["counted"], unit="nats",
        peer="from the roads alone", peer_value=nats["roads"], less_is_better=True)  # fmt: skip
    nats = {name: loss / halves["vehicles"] for name, loss in halves.items()}
    for peer, name in (
        ("from the roads alone", "roads"),
        ("the judged half's own counts", "own"),
        ("all alike", "uniform"),
    ):
        say(f"next camera of {halves['vehicles']:.0f} vehicles, the other half of them counted: surprise",
            value=nats["counted"], unit="nats", peer=peer, peer_value=nats[name], less_is_better=True)  # fmt: skip


def say_returns(bath: Bath) -> None:
    """Claim how many of those that pass the same place again, and no other camera between, then drive another way."""
    rows = bath.by_pair.only(bath.place[bath.by_pair.first] == bath.place[bath.by_pair.second])
    another = rows.first != rows.second
    vehicles, of_another = int(rows.count.sum()), int(rows.count[another].sum())
    share = of_another / vehicles
    say(f"another way than before, of {vehicles} vehicles that pass a place again within {COUNTED_S:.0f} s",
        value=share, unit="share", peer="either way alike", peer_value=0.5, less_is_better=False,
        correct=abs(share - ANOTHER_WAY_BACK) < 0.01)  # fmt: skip


def median_error(predicted_s: Floats, observed_s: Floats) -> float:
    """Return the median error relative to what was observed."""
    return float(np.median(np.abs(predicted_s / observed_s - 1)))


def _half_counted(prior: Floats, count: Floats) -> dict[str, float]:
    """Return the surprise in nats of half of the vehicles, drawn by a fixed seed, when the others were counted."""
    vehicles = count.astype(np.int64)
    counted = np.random.default_rng(SEED).binomial(vehicles, 0.5).astype(np.float64)
    judged = vehicles - counted
    shares = {"roads": prior, "own": judged / max(judged.sum(), 1.0), "counted": with_counts(prior, counted)}
    shares["uniform"] = np.full(len(prior), 1 / len(prior))
    nats = {name: -float(judged[judged > 0] @ np.log(share[judged > 0])) for name, share in shares.items()}
    return nats | {"vehicles": float(judged.sum())}


def _after_hundred(prior: Floats, count: Floats) -> Floats:
    """Return the shares after a hundred vehicles drawn from the counts."""
    drawn = np.random.default_rng(SEED).multinomial(100, count / count.sum())
    return with_counts(prior, drawn.astype(np.float64))


def _scale_s(bath: Bath, rows: PairCounts, driving: UsualDriving) -> tuple[Floats, Floats]:
    """Return the earliest and the usual seconds of each row."""
    times = times_by(bath, driving)
    free_s, usual_s = (times.of_pairs(table, rows.first, rows.second) for table in (times.free_s, times.usual_s))
    return free_s / SLACK, usual_s


def _classes(rows: PairCounts) -> Floats:
    return np.array([clock_hours(hour + 0.5) for hour in rows.hour.tolist()])


def _codes(rows: PairCounts) -> Ints:
    return rows.first * 1000 + rows.second


if __name__ == "__main__":
    main()
