"""Estimate which camera sees a vehicle next, or saw it before, from the roads alone and from counted passages.

A vehicle drives past the cameras that lie on its way. So a camera is unlikely to be the next if another one lies on the
way to it, or if the vehicle would have to turn round; and more likely if it is near and its road is important. The
weights of these five were fitted on counted traffic (`usual_driving.py`): a conditional logit (McFadden 1974).
"""

from dataclasses import astuple

import numpy as np

from roadgraph.arrays import Floats, Ints, Ints32
from roadgraph.camera_times import CameraTimes
from roadgraph.graph import RoadGraph
from roadgraph.network import ROAD_CLASSES
from roadgraph.usual_driving import NextCameraWeights, usual_driving

NEAREST = 250
"""Only this many views, the nearest in time, are compared with each other: the next camera is among them."""
ON_THE_WAY_S = 3.0
"""A camera lies on the way if the drive past it takes at most this much longer."""
SOON_S, TURN_S = 30.0, 15.0
"""Differences below these seconds hardly count, of the drive and of turning round."""
IMPORTANCE = {"motorway": 4, "trunk": 4, "primary": 3, "secondary": 2, "tertiary": 1, "service": -1}
"""How important roads are; those not named are 0."""
WORTH = 20.0
"""The estimate from the roads counts as much as this many passages."""


def next_shares(
    graph: RoadGraph, times: CameraTimes, camera: str, edge: int | None = None, *, backwards: bool = False
) -> Floats:
    """Return, in order of `times.ids`, the probability that each camera is the next one (`backwards`: the last before).

    Of vehicles that some camera sees next; all zero where none can be reached. Where the road that the vehicle took is
    not known, its roads count alike.
    """
    importance = road_importance(graph)[times.view_edge]
    shares = np.zeros(len(times.ids))
    starts = times.views_of(camera, edge).tolist()
    for start in starts:
        by_view = view_shares(times, start, importance, usual_driving().next_camera, backwards=backwards)
        shares += np.bincount(times.view_camera, weights=by_view, minlength=len(shares)) / len(starts)
    return shares


def view_shares(
    times: CameraTimes, start: int, importance: Floats, weights: NextCameraWeights, *, backwards: bool = False
) -> Floats:
    """Return the probability of each view to be the next after one; `importance` is that of the road of each view."""
    shares = np.zeros(len(times.view_camera))
    views, features = next_features(times, start, importance, backwards=backwards)
    if len(views):
        log_share = features @ np.array(astuple(weights))
        weight = np.exp(log_share - log_share.max())
        shares[views] = weight / weight.sum()
    return shares


def next_features(
    times: CameraTimes, start: int, importance: Floats, *, backwards: bool = False
) -> tuple[Ints, Floats]:
    """Return the views that can be next after one, and what `NextCameraWeights` weighs of each, (n, 5)."""
    usual_s = times.usual_s.T if backwards else times.usual_s
    rows = times.rows
    from_start_s = usual_s[rows[start], rows]
    near = np.argsort(from_start_s, kind="stable")[:NEAREST]
    near = np.sort(near[np.isfinite(from_start_s[near])])
    there_s = from_start_s[near]
    behind_s = there_s - usual_s[np.ix_(rows[_views_beside(times, start)], rows[near])].min(axis=0)
    return near, np.column_stack(
        [
            -np.log(there_s + SOON_S),
            -np.log1p(_between(usual_s[np.ix_(rows[near], rows[near])], there_s)),
            -np.log1p(behind_s / TURN_S),
            -(times.view_camera[near] == times.view_camera[start]).astype(np.float64),
            importance[near],
        ]
    )


def with_counts(shares: Floats, counts: Floats) -> Floats:
    """Return shares from the roads after passages were counted (a Dirichlet prior)."""
    return np.asarray((counts + WORTH * shares) / max(float(counts.sum()) + WORTH * float(shares.sum()), 1e-12))


def road_importance(graph: RoadGraph) -> Floats:
    """Return how important the road of each edge is."""
    return np.array([IMPORTANCE.get(name, 0) for name in ROAD_CLASSES], dtype=np.float64)[graph.edge_class]


def _between(between_s: Floats, there_s: Floats) -> Floats:
    """Return how many views lie on the way to each; `between_s` (n, n) are the seconds from each to each."""
    past_s = there_s[:, None] + between_s
    np.fill_diagonal(past_s, np.inf)
    return np.asarray((past_s <= there_s[None, :] + ON_THE_WAY_S).sum(axis=0, dtype=np.float64))


def _views_beside(times: CameraTimes, view: int) -> Ints32:
    """Return all views of the camera of a view."""
    return np.flatnonzero(times.view_camera == times.view_camera[view]).astype(np.int32)
