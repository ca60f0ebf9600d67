"""Draw the questions to ask about a simulated city, and judge rankings against the truth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from index.simulation.matching import Match
from index.simulation.truth import TruePassage
from reid.arrays import Flags

HORIZON_S = 1800.0


@dataclass(frozen=True, slots=True)
class KnownSighting:
    """A sighting of the archive with its match; `time` is true time."""

    match: Match
    camera: str
    time: datetime

    @property
    def id(self) -> str:
        """Return the sighting's id."""
        return self.match.sighting


@dataclass(frozen=True, slots=True)
class CityQuestion:
    """A target sighting, the gallery to rank, and the target's true passages.

    `relevant` are the target's passages on other cameras within the horizon, `others` its passages on any camera.
    `unscored` are the passage asked about and those that do not count: finding one is neither right nor wrong.
    """

    sighting: str
    vehicle: str
    camera: str
    time: datetime
    gallery: tuple[str, ...]
    relevant: frozenset[str]
    others: frozenset[str]
    unscored: frozenset[str]


def draw_questions(
    sightings: Sequence[KnownSighting], passages: Iterable[TruePassage], *, n: int, seed: int
) -> list[CityQuestion]:
    """Return up to `n` questions, drawn from the sightings of vehicles that pass another camera within the horizon."""
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
    drawn_questions = []
    for i in sorted(drawn):
        sighting = askable[i]
        in_gallery = (np.abs(times - sighting.time.timestamp()) <= HORIZON_S) & (cameras != sighting.camera)
        gallery = tuple(ordered[k].id for k in np.flatnonzero(in_gallery))
        drawn_questions.append(_question(sighting, by_vehicle[_vehicle(sighting)], gallery))
    return drawn_questions


def judge_ranking(ranking: Iterable[str], question: CityQuestion, matches: Mapping[str, Match]) -> Flags:
    """Return whether each judged sighting of the ranking is right, (n,).

    Sightings outside the gallery, of unscored passages, and further sightings of a passage are skipped.
    """
    gallery, skipped, right = set(question.gallery), set(question.unscored), []
    for sighting in ranking:
        passage = matches[sighting].passage if sighting in gallery else None
        if sighting not in gallery or (passage is not None and passage in skipped):
            continue
        right.append(passage in question.relevant)
        if passage in question.relevant:
            skipped.add(passage)
    return np.array(right, bool)


def passage_middle(passage: TruePassage) -> datetime:
    """Return the moment halfway through a passage."""
    return passage.first + (passage.last - passage.first) / 2


def _question(sighting: KnownSighting, passages: Sequence[TruePassage], gallery: tuple[str, ...]) -> CityQuestion:
    near = [passage for passage in passages if _within_horizon(sighting, passage)]
    others = [passage for passage in near if passage.counts and passage.passage != sighting.match.passage]
    return CityQuestion(
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
    """Return whether its passage counts and the vehicle also passes another camera within the horizon."""
    near = [passage for passage in passages if passage.counts and _within_horizon(sighting, passage)]
    own = any(passage.passage == sighting.match.passage for passage in near)
    return own and any(passage.camera != sighting.camera for passage in near)


def _within_horizon(sighting: KnownSighting, passage: TruePassage) -> bool:
    return abs((passage_middle(passage) - sighting.time).total_seconds()) <= HORIZON_S


def _vehicle(sighting: KnownSighting) -> str:
    vehicle = sighting.match.vehicle
    assert vehicle is not None
    return vehicle
