"""Find the best joint story of the target, and the next likeliest ones.

The target is in one place at a time, and cameras may have missed it. Sightings in order of time are the nodes of a
graph; a path through it is a story: it claims the sightings on the path for the target, and all others belong to other
vehicles. The weight of a story is the product of the odds of its sightings, each weighed with the drive from where the
target surely was, and of how far the drives between them are possible. That a drive between two fits well is no gain:
a vehicle that only looks like the target drives just as well from one to the other, and its two sightings would vouch
for each other. The forward-backward algorithm sums over all stories at once and gives each sighting the probability
that the true story passes it; Viterbi's finds the best story (Rabiner 1989, eqs. 19-35).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from index.answers import Itinerary, Stop
from index.search.fusion import Llrs, none_left_out, odds, to_probability
from index.search.question import Moment, Question
from index.search.stays import Stays, log_meanwhile
from index.search.travel import drive_llr, fit_of_pairs, travel_llr
from reid.arrays import Flags, Floats

IMPOSSIBLE = -np.inf

SURELY_NOT = -500.0
"""The least log odds of a sighting: finite, so that a story which must claim it still has a weight."""

CONFIRMED_LOG_ODDS = 20.0
"""The log odds of a sighting that a person confirmed."""

CONTRADICT = -2.0
"""A drive between two sightings that speaks so much against both contradicts that one vehicle made it."""

ALTERNATIVES = 3
"""The most stories told beside the best."""


@dataclass(frozen=True, slots=True)
class Story:
    """The rows that a story claims, in order of time, and its probability among all stories."""

    rows: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Stories:
    """All stories at once: the probability of each row, the best story, the alternatives, and that of claiming none."""

    marginals: Floats
    best: Story
    alternatives: tuple[Story, ...]
    nobody: float


@dataclass(frozen=True, slots=True)
class GalleryStories:
    """The stories of a gallery; `probability` (n,) is that of the true story passing each, NaN where not considered.

    `nobody` is the probability that no sighting of the gallery is the target.
    """

    probability: Floats
    best: Itinerary
    alternatives: tuple[Itinerary, ...]
    nobody: float


@dataclass(frozen=True, slots=True)
class _Node:
    """A sighting that a story may claim: its row in the gallery, None for the moment asked about."""

    row: int | None
    moment: Moment
    first_s: float
    last_s: float
    log_odds: float
    window_s: float


@dataclass(frozen=True, slots=True)
class _Lattice:
    """The graph of all stories in logarithms: odds of rows, moves between them, where a story may start and end."""

    odds: Floats
    moves: Floats
    starts: Floats
    ends: Floats
    origin: int | None

    def without(self, row: int) -> "_Lattice":
        """Return the stories that do not claim a row."""
        remaining = self.odds.copy()
        remaining[row] = IMPOSSIBLE
        return replace(self, odds=remaining)


def tell_story(question: Question, llrs: Llrs, *, most: int) -> GalleryStories:
    """Weigh the stories of the `most` likeliest sightings of the gallery, and of those that people confirmed."""
    gallery = question.gallery
    each = odds(question, llrs)
    likely = np.argsort(-each, kind="stable")[:most]
    confirmed = [row for row, sighting in enumerate(gallery.sightings) if sighting.id in question.confirmed]
    each[confirmed] = CONFIRMED_LOG_ODDS
    rows = sorted({*likely.tolist(), *question.joined})
    none = float(np.exp(-np.logaddexp(0.0, np.delete(each, rows)).sum())) * none_left_out(question, llrs)
    stories = _stories_of_rows(question, each, rows)
    apart = sorted(set(confirmed).difference(rows))
    stories.probability[apart] = to_probability(each[apart])
    return _and_none_of_the_others(stories, none)


def weigh_stories(log_odds: Floats, travel: Floats, *, origin: int | None = None) -> Stories:
    """Weigh all stories of n sightings that are sorted by time.

    `log_odds` (n,) are those of each sighting; `travel` (n, n) is the llr of driving from row to column, -inf where
    impossible; only the upper triangle counts. Every story passes `origin`, the sighting asked about, which
    is taken as certain; without an origin a story may also be empty.
    """
    lattice = _lattice(log_odds, travel, origin)
    forward, backward = _forward(lattice), _backward(lattice)
    every = _log_sum(forward + lattice.ends)
    total = every if origin is not None else float(np.logaddexp(0.0, every))
    marginals = np.exp(np.minimum(forward + backward - lattice.odds - total, 0.0))
    best = _heaviest(lattice, total)
    # The story that claims nothing has the weight 1.
    nobody = float(np.exp(-max(total, 0.0)))
    return Stories(marginals, best, _others(lattice, total, best), nobody)


def without_bridges(moves: Floats, log_odds: Floats) -> Floats:
    """Return the moves (n, n) by which no unlikely sighting lets a story claim two likely ones that contradict.

    Each move allows for clocks that are wrong, so a way by a sighting between would allow for it twice.
    """
    allowed = moves.copy()
    likely, unlikely = np.flatnonzero(log_odds > 0), np.flatnonzero(log_odds < 0)
    for first, last in combinations(likely.tolist(), 2):
        between = unlikely[(unlikely > first) & (unlikely < last)]
        if moves[first, last] > CONTRADICT or not between.size:
            continue
        with np.errstate(invalid="ignore"):
            left = np.where(np.isneginf(moves[first, between]), np.inf, moves[first, last] - moves[first, between])
        allowed[between, last] = np.minimum(allowed[between, last], left)
    return allowed


def beside_rivals(log_odds: Floats, moves: Floats) -> Floats:
    """Return the most that each probability can be, (n,): of likely ones that exclude each other, one is right.

    A story sees only the sighting before: by one between, it may claim two of which no vehicle can have made both.
    """
    exclude = np.triu(np.isneginf(moves), k=1)
    exclude |= exclude.T
    likely = np.where(log_odds > 0, log_odds, IMPOSSIBLE)
    others = np.logaddexp.reduce(np.where(exclude, likely[None, :], IMPOSSIBLE), axis=1, initial=IMPOSSIBLE)
    return to_probability(log_odds - np.logaddexp(0.0, others))


def _stories_of_rows(question: Question, log_odds: Floats, rows: Sequence[int]) -> GalleryStories:
    """Weigh the stories of some rows of the gallery; `log_odds` (n,) are those of each sighting alone."""
    windows = question.window_s
    nodes = [_node(question, row, float(log_odds[row]), float(windows[row])) for row in rows]
    start = question.start
    if start is not None:
        nodes.append(_Node(None, start, start.time_s, start.time_s, 0.0, 0.0))
    nodes.sort(key=lambda node: (node.moment.time_s, -1 if node.row is None else node.row))
    origin = next((place for place, node in enumerate(nodes) if node.row is None), None)
    each = np.array([node.log_odds for node in nodes])
    moves = _moves(question, nodes, origin)
    stories = weigh_stories(each, without_bridges(moves, each), origin=origin)
    probability = np.full(len(question.gallery), np.nan)
    # A story rules out, it never vouches: none makes a sighting likelier than it is alone, or beside its rivals.
    marginals = np.minimum(stories.marginals, beside_rivals(each, moves))
    for node, marginal in zip(nodes, marginals.tolist(), strict=True):
        if node.row is not None:
            probability[node.row] = marginal
    best, *others = (_itinerary(question, nodes, story, probability) for story in (stories.best, *stories.alternatives))
    return GalleryStories(probability, best, tuple(others), stories.nobody)


def _and_none_of_the_others(stories: GalleryStories, none: float) -> GalleryStories:
    """Return the stories, each with the probability that it claims none of the sightings that took no part, either.

    Many unlikely ones together are not unlikely: of thousands with nothing to compare, one may well be the target.
    """
    best, *others = (replace(one, probability=one.probability * none) for one in (stories.best, *stories.alternatives))
    return replace(stories, best=best, alternatives=tuple(others), nobody=stories.nobody * none)


def _node(question: Question, row: int, log_odds: float, window_s: float) -> _Node:
    sighting, time_s = question.gallery.sightings[row], float(question.gallery.time_s[row])
    first_s = time_s - (sighting.best - sighting.first).total_seconds()
    last_s = time_s + (sighting.last - sighting.best).total_seconds()
    return _Node(row, Moment(sighting.camera, time_s, sighting.edge), first_s, last_s, log_odds, window_s)


def _moves(question: Question, nodes: Sequence[_Node], origin: int | None) -> Floats:
    """Return how far driving from each to each later one speaks against both, 0 or less.

    Where no map tells, the first must only have left. The drive from the moment asked about is in the odds already.
    """
    cameras = np.array([node.moment.camera for node in nodes])
    times_s = np.array([node.moment.time_s for node in nodes])
    first_s, last_s = np.array([node.first_s for node in nodes]), np.array([node.last_s for node in nodes])
    fit = fit_of_pairs(question.drives, cameras.tolist(), times_s)
    # Of two sightings on one drive the farther from the start is compared with the traffic of its side.
    sides_s = np.array([node.window_s for node in nodes])
    window_s = np.maximum(sides_s[:, None], sides_s[None, :])
    calibration = question.calibration
    drive = drive_llr(fit.log_density, window_s) + _ways_between(question, nodes)
    # Travel that weighs nothing tells as little as no map.
    weight = calibration.weights.travel or np.nan
    llrs = travel_llr(drive, fit.log_possible, calibration.drive_share(window_s)) * weight
    at_once = (cameras[:, None] != cameras[None, :]) & (first_s[None, :] <= last_s[:, None])
    against = np.where(np.isnan(llrs), np.where(at_once, IMPOSSIBLE, 0.0), np.minimum(llrs, 0.0))
    if question.drives is not None:
        stays = Stays.of(question.drives.codes(cameras.tolist()), times_s, first_s, last_s)
        against += log_meanwhile(question.drives, stays.by_row(), stays)
    against[_of_two_plates(question, nodes)] = IMPOSSIBLE
    confirmed = [place for place, node in enumerate(nodes) if _is_confirmed(question, node)]
    # Where people know that it was both, it drove from one to the other: the clocks are wrong.
    against[np.ix_(confirmed, confirmed)] = 0.0
    if origin is not None:
        of_origin = np.zeros(against.shape, dtype=bool)
        of_origin[origin, :] = of_origin[:, origin] = True
        against[of_origin & ~np.isnan(llrs)] = 0.0
    return against


def _of_two_plates(question: Question, nodes: Sequence[_Node]) -> Flags:
    """Return which two nodes fit the plate asked for by different texts, (n, n)."""
    places = [place for place, node in enumerate(nodes) if node.row is not None]
    differ = np.zeros((len(nodes), len(nodes)), dtype=bool)
    differ[np.ix_(places, places)] = question.of_two_plates([row for node in nodes if (row := node.row) is not None])
    return differ


def _is_confirmed(question: Question, node: _Node) -> bool:
    return node.row is not None and question.gallery.sightings[node.row].id in question.confirmed


def _ways_between(question: Question, nodes: Sequence[_Node]) -> Floats:
    """Return the llr of each node's camera to be the next after each other's, (n, n); 0 where no map tells."""
    if question.ways is None:
        return np.zeros((len(nodes), len(nodes)))
    moments = [node.moment for node in nodes]
    return question.ways.between(
        [moment.camera for moment in moments], [moment.edge for moment in moments], question.gallery.cameras
    )


def _itinerary(question: Question, nodes: Sequence[_Node], story: Story, probability: Floats) -> Itinerary:
    rows = [row for place in story.rows if (row := nodes[place].row) is not None]
    gallery = question.gallery
    stops = tuple(
        Stop(gallery.sightings[row].id, gallery.sightings[row].camera, time, float(probability[row]))
        for row, time in zip(rows, gallery.true_times(rows), strict=True)
    )
    return Itinerary(stops=stops, probability=story.probability)


def _lattice(log_odds: Floats, travel: Floats, origin: int | None) -> _Lattice:
    count = len(log_odds)
    bounded = np.maximum(log_odds, SURELY_NOT)
    moves = np.where(np.triu(np.ones((count, count), dtype=bool), k=1), travel, IMPOSSIBLE)
    starts, ends = np.zeros(count), np.zeros(count)
    if origin is None:
        return _Lattice(bounded, moves, starts, ends, None)
    bounded[origin] = 0.0
    moves[:origin, origin + 1 :] = IMPOSSIBLE
    starts[origin + 1 :] = IMPOSSIBLE
    ends[:origin] = IMPOSSIBLE
    return _Lattice(bounded, moves, starts, ends, origin)


def _forward(lattice: _Lattice) -> Floats:
    """Return the log weight of all story beginnings that end at each row."""
    weight = np.full(len(lattice.odds), IMPOSSIBLE)
    for row, own in enumerate(lattice.odds):
        arriving = _log_sum(weight[:row] + lattice.moves[:row, row])
        weight[row] = own + np.logaddexp(lattice.starts[row], arriving)
    return weight


def _backward(lattice: _Lattice) -> Floats:
    """Return the log weight of all story ends that begin at each row."""
    weight = np.full(len(lattice.odds), IMPOSSIBLE)
    for row in reversed(range(len(weight))):
        leaving = _log_sum(weight[row + 1 :] + lattice.moves[row, row + 1 :])
        weight[row] = lattice.odds[row] + np.logaddexp(lattice.ends[row], leaving)
    return weight


def _heaviest(lattice: _Lattice, total: float) -> Story:
    """Return the single heaviest story; of two equal ones, the one with the earlier rows."""
    count = len(lattice.odds)
    weight, came_from = np.full(count, IMPOSSIBLE), np.full(count, -1)
    for row in range(count):
        arriving = weight[:row] + lattice.moves[:row, row]
        weight[row] = lattice.starts[row]
        if row and arriving.max() > weight[row]:
            came_from[row] = int(np.argmax(arriving))
            weight[row] = arriving[came_from[row]]
        weight[row] += lattice.odds[row]
    complete = weight + lattice.ends
    if count == 0 or (lattice.origin is None and complete.max() <= 0.0):
        return Story((), float(np.exp(-total)))
    rows = [int(np.argmax(complete))]
    while came_from[rows[-1]] >= 0:
        rows.append(int(came_from[rows[-1]]))
    return Story(tuple(reversed(rows)), float(np.exp(min(complete.max() - total, 0.0))))


def _others(lattice: _Lattice, total: float, best: Story) -> tuple[Story, ...]:
    """Return the best stories that leave out one claim of the best, the most probable first."""
    claims = [row for row in best.rows if row != lattice.origin]
    found = {_heaviest(lattice.without(row), total) for row in claims}
    return tuple(sorted(found, key=lambda story: (-story.probability, story.rows))[:ALTERNATIVES])


def _log_sum(log_weights: Floats) -> float:
    if not log_weights.size:
        return IMPOSSIBLE
    top = float(log_weights.max())
    return top if np.isinf(top) else top + float(np.log(np.exp(log_weights - top).sum()))
