"""Fit how people drive on what was counted in Bath: ratios to the limits, hours, delays, and the next camera."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
from scipy.optimize import minimize

from benchmarks.bath_counts import COUNTED_S, Bath, PairCounts
from roadgraph.arrays import Flags, Floats, Ints, Ints32
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.delay_shape import GRID, DelayShape, mixture
from roadgraph.graph import RoadGraph
from roadgraph.next_camera import next_features, road_importance
from roadgraph.pair_delays import LEAST_SCALE_S, SLACK
from roadgraph.routes import Router
from roadgraph.travel_time import clock_hours
from roadgraph.usual_driving import NextCameraWeights, UsualDriving

GUESS = UsualDriving(
    limits_kmh=(40.0, 55.0),
    ratios=(1.5, 1.5, 1.5),
    junction_s=3.0,
    errand_odds=0.3,
    hours={"night": 1.0, "day": 1.0, "peak": 1.0},
    delays=((1.0, 0.0, 0.7),),
    next_camera=NextCameraWeights(0.5, 3.0, 0.5, 1.0, 0.0),
)
"""Where the fit starts; it says nothing of Bath."""
FEWEST_IN_HOUR = 5
ROBUST = 0.3
"""Logarithms of errors below this count by their squares, larger ones by themselves."""
RIDGE = 1e-3


@dataclass(frozen=True, eq=False)
class Ways:
    """The usually quickest way of each row: its least seconds, its seconds at the limit by kind of road, junctions.

    `edges` are those driven, and `length_m` how much of each.
    """

    free_s: Floats
    free_by_kind_s: Floats
    junctions: Floats
    edges: tuple[Ints32, ...]
    length_m: tuple[Floats, ...]

    def usual_s(self, driving: UsualDriving) -> Floats:
        """Return the usual seconds."""
        return np.asarray(self.free_by_kind_s @ np.array(driving.ratios) + driving.junction_s * self.junctions)

    def of(self, rows: Ints) -> "Ways":
        """Return the ways of some rows."""
        edges, length_m = (tuple(part[row] for row in rows.tolist()) for part in (self.edges, self.length_m))
        return Ways(self.free_s[rows], self.free_by_kind_s[rows], self.junctions[rows], edges, length_m)


def fit(bath: Bath, sources: Ints) -> UsualDriving:
    """Return how people drive, fitted on what was counted from some sites alone."""
    pairs = bath.by_pair.only(np.isin(bath.by_pair.first, sources))
    pairs_compared = pairs.only(bath.compared(pairs))
    hours = bath.by_hour.only(np.isin(bath.by_hour.first, sources))
    hours = hours.only(bath.compared(hours, 1) & _among(hours, pairs_compared))
    driving = GUESS
    for delays_known in (False, True):
        ways = ways_of(bath, pairs_compared, driving)
        driving = _fit_ratios(pairs_compared, ways, driving)
        of_hours = ways.of(_places(hours, pairs_compared))
        driving = _fit_hours(hours, of_hours, driving)
        driving = driving if delays_known else _fit_delays(hours, of_hours, driving)
    return replace(driving, next_camera=fit_next(bath, pairs, driving))


def ways_of(bath: Bath, rows: PairCounts, driving: UsualDriving) -> Ways:
    """Return the usually quickest way of each row."""
    graph = bath.graph
    router = Router(graph, graph.usual_s_by(driving))
    times = times_by(bath, driving)
    trees = {view.edge: router.tree(view.edge) for site in np.unique(rows.first) for view in bath.placed[site].views}
    ways = [
        _way(bath, router, trees, first, second)
        for first, second in zip(rows.first.tolist(), rows.second.tolist(), strict=True)
    ]
    kinds, share = np.digitize(graph.edge_speed_kmh, GUESS.limits_kmh, right=True), graph.edge_s / graph.edge_length_m
    by_kind = [
        np.bincount(kinds[edges], weights=share[edges] * length_m, minlength=len(GUESS.ratios))
        for edges, length_m in ways
    ]
    return Ways(
        times.of_pairs(times.free_s, rows.first, rows.second),
        np.array(by_kind),
        np.array([graph.ends_at_junction[edges[:-1]].sum() for edges, _ in ways]),
        tuple(edges for edges, _ in ways),
        tuple(length_m for _, length_m in ways),
    )


def times_by(bath: Bath, driving: UsualDriving) -> CameraTimes:
    """Return the times between the sites where people drive in this way."""
    return camera_times(_Driven.on(bath.graph, driving), bath.placed)


def counted_mean_s(earliest_s: Floats, usual_s: Floats, driving: UsualDriving, hours: Floats | float = 1.0) -> Floats:
    """Return the mean seconds of the vehicles that come within COUNTED_S: straight on, or after an errand.

    An errand ends at any time that is possible; `hours` multiplies the usual delays.
    """
    unit_s = np.maximum(usual_s - earliest_s, LEAST_SCALE_S) * hours
    drive_s, in_time = _drive_s(earliest_s, unit_s, mixture(driving.delays))
    earliest_s = np.minimum(earliest_s, COUNTED_S)
    straight = in_time.sum(axis=1)
    straight_s = (drive_s * in_time).sum(axis=1) / np.maximum(straight, 1e-9)
    odds = driving.errand_odds * (1 - earliest_s / COUNTED_S)
    return np.asarray((straight_s + odds * (earliest_s + COUNTED_S) / 2) / (1 + odds))


def counted_log_density(t_s: Floats | float, earliest_s: Floats, unit_s: Floats, driving: UsualDriving) -> Floats:
    """Return log p(seconds) of vehicles that come within COUNTED_S."""
    shape = mixture(driving.delays)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.log(np.maximum(t_s - earliest_s, 0.0) / unit_s)
        straight = np.where(np.isfinite(u), np.exp(shape.log_density(u) - u) / unit_s, 0.0)
    in_time = _drive_s(earliest_s, unit_s, shape)[1].sum(axis=1)
    possible = t_s > earliest_s
    errand = np.where(possible, driving.errand_odds / COUNTED_S, 1e-7)
    odds = driving.errand_odds * np.maximum(1 - earliest_s / COUNTED_S, 0.01)
    return np.asarray(np.log((straight / np.maximum(in_time, 1e-9) + errand) / (1 + odds)))


def counted_quantile(earliest_s: Floats, unit_s: Floats, driving: UsualDriving, share: float) -> Floats:
    """Return the seconds within which this share of the vehicles that come within COUNTED_S comes."""
    seconds = np.arange(0.0, COUNTED_S, 2.0)
    density = np.exp([counted_log_density(s, earliest_s, unit_s, driving) for s in seconds])
    reached = np.cumsum(density, axis=0) / density.sum(axis=0)
    return np.asarray(seconds[(reached < share).sum(axis=0).clip(max=len(seconds) - 1)])


def fit_next(bath: Bath, rows: PairCounts, driving: UsualDriving) -> NextCameraWeights:
    """Return the weights under which the counted next sites are most likely, among all sites of the city."""
    choices = list(next_choices(bath, rows, driving))
    total = sum(float(choice.count.sum()) for choice in choices)

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, gradient = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for choice in choices:
            log_share = choice.log_shares(weights)
            expected = choice.count.sum() * np.exp(log_share)
            value -= float(choice.count @ log_share) / total
            gradient = gradient - choice.features.T @ (choice.count - expected) / total
        return value, gradient

    found = minimize(loss, np.array(astuple(GUESS.next_camera)), jac=True, method="L-BFGS-B")
    return NextCameraWeights(*_short(found.x))


@dataclass(frozen=True, eq=False)
class NextChoice:
    """The sites that can be next after one, by view: what is weighed of each, and how many vehicles it saw next."""

    source: int
    site: Ints
    features: Floats
    count: Floats

    def log_shares(self, weights: Floats) -> Floats:
        """Return the logarithm of the probability of each."""
        score = self.features @ weights
        return np.asarray(score - np.logaddexp.reduce(score))


def next_choices(bath: Bath, rows: PairCounts, driving: UsualDriving) -> Iterator[NextChoice]:
    """Yield the choice at each site; of sites with two views the likelier counts."""
    times = times_by(bath, driving)
    beside = replace(times, ids=tuple(map(str, np.unique(bath.place))), view_camera=_places_of_views(bath, times))
    importance = road_importance(bath.graph)[times.view_edge]
    for source in np.unique(rows.first).tolist():
        own = rows.only(rows.first == source)
        start = int(np.flatnonzero(times.view_camera == source)[0])
        views, features = next_features(beside, start, importance)
        sites = times.view_camera[views]
        nearest = np.array(
            [np.flatnonzero(sites == site)[features[sites == site, 0].argmax()] for site in np.unique(sites)]
        )
        sites, features = sites[nearest], features[nearest]
        count = np.zeros(len(bath.placed))
        count[own.second] = own.count
        yield NextChoice(source, sites, features, count[sites])


def _places_of_views(bath: Bath, times: CameraTimes) -> Ints32:
    """Return the place of each view: two sites of one place see one road in its two directions, as one camera does."""
    return np.searchsorted(np.unique(bath.place), bath.place[times.view_camera]).astype(np.int32)


class _Driven(RoadGraph):
    """A road network on which people drive in a way that is being fitted."""

    driving: UsualDriving

    @classmethod
    def on(cls, graph: RoadGraph, driving: UsualDriving) -> RoadGraph:
        """Return the same roads with other usual seconds."""
        copy = replace(graph)
        copy.__dict__["turns"] = graph.turns
        copy.__dict__["free_flow"] = graph.free_flow
        copy.__dict__["distance"] = graph.distance
        copy.__dict__["usual_s"] = graph.usual_s_by(driving)
        return copy


def _way(
    bath: Bath, router: Router, trees: dict[int, tuple[Floats, Ints32]], first: int, second: int
) -> tuple[Ints32, Floats]:
    """Return the edges of the quickest way between two sites, and how many metres of each are driven."""
    graph = bath.graph
    found: list[tuple[float, Ints32, Floats]] = []
    for start in bath.placed[first].views:
        for end in bath.placed[second].views:
            on_one = start.edge == end.edge and end.along_m > start.along_m
            edges = (start.edge,) if on_one else router.edges_to(end.edge, start.edge, *trees[start.edge])
            if edges is not None:
                driven = np.array(edges, dtype=np.int32)
                low_m, high_m = np.zeros(len(driven)), graph.edge_length_m[driven].copy()
                low_m[0], high_m[-1] = start.along_m, end.along_m
                share = (high_m - low_m) / graph.edge_length_m[driven]
                found.append((float((router.costs.edge_cost[driven] * share).sum()), driven, high_m - low_m))
    if not found:
        raise ValueError(f"no way leads from site {first} to site {second}: the map has changed")
    _, driven, length_m = min(found, key=lambda way: way[0])
    return driven, length_m


def _fit_ratios(rows: PairCounts, ways: Ways, driving: UsualDriving) -> UsualDriving:
    """Fit the ratios, the seconds at junctions and the errands on the means of pairs; nobody usually speeds."""
    earliest_s = ways.free_s / SLACK

    def made(point: Floats) -> UsualDriving:
        *ratios, junction_s, errand_odds = np.exp(point).tolist()
        return replace(
            driving, ratios=tuple(max(1.0, r) for r in ratios), junction_s=junction_s, errand_odds=errand_odds
        )

    def loss(point: Floats) -> float:
        tried = made(point)
        return _robust(counted_mean_s(earliest_s, ways.usual_s(tried), tried), rows.mean_s) + RIDGE * float(
            ((point - start) ** 2).sum()
        )

    start = np.log([*GUESS.ratios, GUESS.junction_s, GUESS.errand_odds])
    best = minimize(loss, np.log([*driving.ratios, driving.junction_s, driving.errand_odds]), method="Nelder-Mead",
                    options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-4, "fatol": 1e-7})  # fmt: skip
    fitted = made(best.x)
    return replace(
        fitted,
        ratios=_short(fitted.ratios),
        junction_s=_short([fitted.junction_s])[0],
        errand_odds=_short([fitted.errand_odds])[0],
    )


def _fit_hours(rows: PairCounts, ways: Ways, driving: UsualDriving) -> UsualDriving:
    """Fit by what the delays are multiplied in each class of hours."""
    earliest_s, usual_s = ways.free_s / SLACK, ways.usual_s(driving)
    classes = np.array([clock_hours(hour + 0.5) for hour in rows.hour.tolist()])
    tried = np.arange(0.2, 2.0, 0.02)
    hours = {}
    for name in driving.hours:
        own = (classes == name) & (rows.count >= FEWEST_IN_HOUR)
        losses = [
            _robust(counted_mean_s(earliest_s[own], usual_s[own], driving, factor), rows.mean_s[own])
            for factor in tried.tolist()
        ]
        hours[name] = round(float(tried[int(np.argmin(losses))]), 2)
    return replace(driving, hours=hours)


def _fit_delays(rows: PairCounts, ways: Ways, driving: UsualDriving) -> UsualDriving:
    """Fit how delays scatter on the hours in which one vehicle drove: their means are single times."""
    single = (rows.count == 1) & (ways.free_s / SLACK < COUNTED_S - 60)
    earliest_s = ways.free_s[single] / SLACK
    hours = np.array([driving.hours[clock_hours(hour + 0.5)] for hour in rows.hour[single].tolist()])
    unit_s = np.maximum(ways.usual_s(driving)[single] - earliest_s, LEAST_SCALE_S) * hours

    def made(point: Floats) -> UsualDriving:
        held_up = 1 / (1 + np.exp(-point[0]))
        main, late = (0.0, np.exp(point[1])), (np.exp(point[2]), np.exp(point[3]))
        return replace(driving, delays=((1 - held_up, *main), (held_up, *late)))

    def loss(point: Floats) -> float:
        likely = counted_log_density(rows.mean_s[single], earliest_s, unit_s, made(point))
        off = point - DELAYS_START
        return float(-likely.mean() + 0.01 * off @ off)

    best = minimize(loss, DELAYS_START, method="Nelder-Mead", options={"maxiter": 3000, "maxfev": 3000})
    (share, centre, spread), (late_share, late, late_spread) = map(_short, made(best.x).delays)
    return replace(driving, delays=((share, centre, spread), (late_share, late, late_spread)))


DELAYS_START = np.array([-1.4, np.log(0.5), 0.0, np.log(0.8)])


def _drive_s(earliest_s: Floats, unit_s: Floats, shape: DelayShape) -> tuple[Floats, Floats]:
    """Return (n, steps) the seconds of drives, and the share of vehicles at each that comes within COUNTED_S."""
    seconds = earliest_s[:, None] + unit_s[:, None] * np.exp(GRID)
    in_time = shape.share * np.clip((COUNTED_S - seconds) / 20 + 0.5, 0.0, 1.0)
    return np.minimum(seconds, COUNTED_S), in_time


def _robust(predicted: Floats, observed: Floats) -> float:
    off = np.log(predicted / observed)
    return float(np.sqrt(off**2 + ROBUST**2).mean())


def _among(rows: PairCounts, others: PairCounts) -> Flags:
    return np.isin(_codes(rows), _codes(others))


def _places(rows: PairCounts, others: PairCounts) -> Ints:
    """Return the row among the others of each row's pair."""
    order = np.argsort(_codes(others))
    return order[np.searchsorted(_codes(others)[order], _codes(rows))]


def _codes(rows: PairCounts) -> Ints:
    return rows.first * 1000 + rows.second


def _short(values: Sequence[float] | Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.3g}") for value in values)
