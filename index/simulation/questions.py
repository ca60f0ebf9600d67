"""Choose what to ask about a simulated city, and judge a ranking by what is true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from index.simulation.matching import Match
from index.simulation.truth import TruePassage

HORIZON_S = 1800.0


@dataclass(frozen=True, slots=True)
class KnownSighting:
    """A sighting of the archive with what it truly shows; `time` is true time."""

    match: Match
    camera: str
    time: datetime

    @property
    def id(self) -> str:
        """Return the sighting's id."""
        return self.match.sighting


@dataclass(frozen=True, slots=True)
class Question:
    """One sighting asked for: the sightings that could be the answer, and the passages that truly are.

    `relevant` are the vehicle's true passages on other cameras within the horizon, `others` all its other ones.
    `unscored` are those too small or hidden to be wanted, and the one asked about: finding one is no fault and no feat.
    """

    sighting: str
    vehicle: str
    camera: str
    time: datetime
    gallery: tuple[str, ...]
    relevant: frozenset[str]
    others: frozenset[str]
    unscored: frozenset[str]


def questions(
    sightings: Sequence[KnownSighting], passages: Iterable[TruePassage], *, n: int, seed: int
) -> list[Question]:
    """Return up to `n` questions drawn by seed from the sightings of vehicles that pass another camera in time."""
    by_vehicle: dict[str, list[TruePassage]] = {}
    for passage in passages:
        by_vehicle.setdefault(passage.vehicle, []).append(passage)
    ordered = sorted(sightings, key=lambda sighting: sighting.id)
    times = np.array([sighting.time.timestamp() for sighting in ordered])
    cameras = np.array([sighting.camera for sighting in ordered])
    askable = [
        sighting
        for sighting in ordered
        if sighting.match.passage is not None and _is_askable(sighting, by_vehicle[_vehicle(sighting)])
    ]
    drawn = np.random.default_rng(seed).permutation(len(askable))[:n]
    asked = []
    for i in sorted(drawn):
        sighting = askable[i]
        in_gallery = (np.abs(times - sighting.time.timestamp()) <= HORIZON_S) & (cameras != sighting.camera)
        gallery = tuple(ordered[k].id for k in np.flatnonzero(in_gallery))
        asked.append(_question(sighting, by_vehicle[_vehicle(sighting)], gallery))
    return asked


def judged(ranking: Iterable[str], question: Question, matches: Mapping[str, Match]) -> npt.NDArray[np.bool_]:
    """Return for each sighting of the ranking whether it is right, (n,).

    Only the gallery is judged. A second sighting of a passage and one of a passage that is not wanted are passed over.
    """
    gallery, seen, right = set(question.gallery), set(question.unscored), []
    for sighting in ranking:
        passage = matches[sighting].passage if sighting in gallery else None
        if sighting not in gallery or (passage is not None and passage in seen):
            continue
        right.append(passage in question.relevant)
        if passage in question.relevant:
            seen.add(passage)
    return np.array(right, bool)


def _question(sighting: KnownSighting, passages: Sequence[TruePassage], gallery: tuple[str, ...]) -> Question:
    near = [passage for passage in passages if _within_horizon(sighting, passage)]
    others = [passage for passage in near if passage.counts and passage.passage != sighting.match.passage]
    return Question(
        sighting=sighting.id,
        vehicle=_vehicle(sighting),
        camera=sighting.camera,
        time=sighting.time,
        gallery=gallery,
        relevant=frozenset(passage.passage for passage in others if passage.camera != sighting.camera),
        others=frozenset(passage.passage for passage in others),
        unscored=frozenset(passage.passage for passage in passages if passage not in others),
    )


def _is_askable(sighting: KnownSighting, passages: Iterable[TruePassage]) -> bool:
    """Return whether its passage is a wanted one and the vehicle also passes another camera within the horizon."""
    near = [passage for passage in passages if passage.counts and _within_horizon(sighting, passage)]
    own = any(passage.passage == sighting.match.passage for passage in near)
    return own and any(passage.camera != sighting.camera for passage in near)


def _within_horizon(sighting: KnownSighting, passage: TruePassage) -> bool:
    return abs((middle(passage) - sighting.time).total_seconds()) <= HORIZON_S


def middle(passage: TruePassage) -> datetime:
    """Return the moment halfway through a passage."""
    return passage.first + (passage.last - passage.first) / 2


def _vehicle(sighting: KnownSighting) -> str:
    vehicle = sighting.match.vehicle
    assert vehicle is not None
    return vehicle
