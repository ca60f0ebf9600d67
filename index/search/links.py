"""Follow the target from sighting to sighting: where it was seen next, where after that, and before.

Straight from the moment asked about, the time of a drive past a third camera tells little: the vehicle turned, waited,
came back. From one sighting to the next it tells much. So the likeliest sightings are linked, each with those that can
be of its vehicle next. Every sighting has one vehicle, so one at most is its next, and one its last before: who fits
another much better is no longer free (an assignment, its marginals by belief propagation; Williams and Lau 2014). What
is reached from the moment asked about over any number of links is the target as far as these are believed.
"""

import numpy as np

from index.search.fusion import Llrs, odds
from index.search.pairs import next_log_odds, pair_log_odds
from index.search.progress import likeliest
from index.search.question import Question
from index.store.archive import Archive
from reid.arrays import Flags, Floats, Ints

ROUNDS = 8
"""After so many messages each way beliefs hardly change."""

FEW = 100.0
"""Among so many sightings links are trusted by half."""

LEAST_REACHED, MOST_REACHED = 1e-9, 1 - 1e-4
"""What was fitted vouches for no less, and for no more."""


def link_llrs(archive: Archive, question: Question, llrs: Llrs, *, most: int) -> Floats:
    """Return what links between the `most` likeliest sightings add to the log odds of each, (n,).

    It is NaN where no picture is asked about, and where the camera or the time asked about, or the drives between
    cameras, are not known.
    """
    calibration = question.calibration
    if not calibration.weights.links:
        return np.full(len(question.gallery), np.nan)
    alone, reached = odds(question, llrs), reached_over_links(archive, question, llrs, most=most)
    added = trust_in(question.gallery_size) * (calibration.links.log_odds(alone, reached) - alone)
    added[question.joined] = 0.0
    return np.asarray(added)


def trust_in(gallery_size: Floats) -> Floats:
    """Return how far links are trusted: what they are worth was fitted among hundreds, and a few tell little."""
    return np.asarray(gallery_size / (gallery_size + FEW))


def reached_over_links(archive: Archive, question: Question, llrs: Llrs, *, most: int) -> Floats:
    """Return how far each sighting is reached from the moment asked about and from what was confirmed, 0 to 1."""
    start, gallery = question.start, question.gallery
    if start is None or question.drives is None or question.target.vectors is None or not len(gallery):
        return np.full(len(gallery), np.nan)
    rows = np.array(sorted({*likeliest(odds(question, llrs), most), *question.joined}), dtype=np.int64)
    rows = rows[np.argsort(gallery.time_s[rows], kind="stable")]
    later = gallery.time_s >= start.time_s
    direct = np.exp(next_log_odds(question, llrs))
    place = int((~later[rows]).sum())
    links = _beside(direct[rows], later[rows], np.exp(pair_log_odds(archive, question, rows)), place)
    sources = np.array([place, *np.flatnonzero(np.isin(np.insert(rows, place, -1), question.joined))], dtype=np.int64)
    reached = np.where(later, direct / (1 + direct[later].sum()), direct / (1 + direct[~later].sum()))
    reached[rows] = np.delete(reached_from(believed(links), sources), place)
    return np.asarray(np.clip(reached, LEAST_REACHED, MOST_REACHED))


def believed(links: Floats) -> Floats:
    """Return the probability that each column is the next sighting of the vehicle of each row, (n, n).

    `links` are odds beside having no next one; each row and each column is linked once at most.
    """
    free = np.ones_like(links)
    for _ in range(ROUNDS):
        wanted = links * free
        asking = links / (1 + wanted.sum(axis=1, keepdims=True) - wanted)
        free = 1 / (1 + asking.sum(axis=0, keepdims=True) - asking)
    wanted = links * free
    return np.asarray(wanted / (1 + wanted.sum(axis=1, keepdims=True)))


def reached_from(chances: Floats, sources: Ints) -> Floats:
    """Return how far each is reached from the sources over any number of links, forwards or backwards, (n,).

    A way ends at the next source: what lies beyond is reached from there.
    """
    count = len(chances)
    onwards, backwards = chances.copy(), chances.copy()
    onwards[:, sources] = backwards[sources, :] = 0.0
    from_sources = np.zeros(count)
    from_sources[sources] = 1.0
    after = np.linalg.solve((np.eye(count) - onwards).T, from_sources)
    before = np.linalg.solve(np.eye(count) - backwards, from_sources)
    reached = np.maximum(after + before, 0.0)
    reached[sources] = 1.0
    return np.minimum(reached, 1.0)


def _beside(direct: Floats, later: Flags, pairs: Floats, place: int) -> Floats:
    """Return the links with those of the moment asked about at its place in time."""
    links = np.insert(np.insert(pairs, place, 0.0, axis=0), place, 0.0, axis=1)
    links[place, :] = np.insert(np.where(later, direct, 0.0), place, 0.0)
    links[:, place] = np.insert(np.where(later, 0.0, direct), place, 0.0)
    return links
