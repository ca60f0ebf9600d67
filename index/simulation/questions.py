"""Draw the questions to ask about a simulated city, and judge rankings against the truth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from index.simulation.matching import Match
from index.simulation.truth import TrueMiss, TruePassage
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
    `unscored` are the passage asked about and those that do not count: finding one is neither right nor wrong. `again`
    are the other sightings of the camera asked about: a search looks at them, too, and no ranking is judged by them.
    `missed` are the target's ways past other cameras that did not film at the time.
    """

    sighting: str
    vehicle: str
    camera: str
    time: datetime
    gallery: tuple[str, ...]
    relevant: frozenset[str]
    others: frozenset[str]
    unscored: frozenset[str]
    again: tuple[str, ...] = ()
    missed: tuple[TrueMiss, ...] = ()

    def is_unseen(self, matches: Mapping[str, Match]) -> bool:
        """Tell whether no sighting that a search looks at shows the vehicle."""
        return all(matches[sighting].vehicle != self.vehicle for sighting in (*self.gallery, *self.again))


def draw_questions(
    sightings: Sequence[KnownSighting], passages: Iterable[TruePassage], *, n: int, seed: int
) -> list[CityQuestion]:
    """Return up to `n` questions, drawn from the sightings of vehicles that pass another camera within the horizon."""
    galleries, by_vehicle = _Galleries(sightings), _by_vehicle(passages)
    askable = [
        sighting
        for sighting in galleries.ordered
        if sighting.match.passage is not None and _is_askable(sighting, by_vehicle[_vehicle(sighting)])
    ]
    drawn = np.random.default_rng(seed).permutation(len(askable))[:n]
    return [_question(askable[i], by_vehicle[_vehicle(askable[i])], galleries) for i in sorted(drawn)]


def draw_absent_questions(
    sightings: Sequence[KnownSighting],
    passages: Iterable[TruePassage],
    *,
    n: int,
    seed: int,
    missed: Sequence[TrueMiss] = (),
) -> list[CityQuestion]:
    """Return up to `n` questions about vehicles that no other camera saw or missed within the horizon."""
    asked = _absent_questions(sightings, passages, missed)
    return _drawn([one for one in asked if not one.missed], n, [seed, 1])


def draw_gap_questions(
    sightings: Sequence[KnownSighting],
    passages: Iterable[TruePassage],
    *,
    n: int,
    seed: int,
    missed: Sequence[TrueMiss],
) -> list[CityQuestion]:
    """Return up to `n` questions about vehicles that no other camera saw, as the one they passed did not film then."""
    asked = _absent_questions(sightings, passages, missed)
    return _drawn([one for one in asked if one.missed], n, [seed, 2])


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


class _Galleries:
    """The sightings of other cameras within the horizon of each."""

    def __init__(self, sightings: Sequence[KnownSighting]) -> None:
        self.ordered = sorted(sightings, key=lambda sighting: sighting.id)
        self._times = np.array([sighting.time.timestamp() for sighting in self.ordered])
        self._cameras = np.array([sighting.camera for sighting in self.ordered])
        self._vehicles = np.array([sighting.match.vehicle or "" for sighting in self.ordered])

    def of(self, sighting: KnownSighting) -> tuple[str, ...]:
        """Return the ids of the gallery of a sighting."""
        return tuple(self.ordered[k].id for k in np.flatnonzero(self._inside(sighting)))

    def again(self, sighting: KnownSighting) -> tuple[str, ...]:
        """Return the ids of the other sightings of its own camera within the horizon."""
        inside = self._near(sighting) & (self._cameras == sighting.camera)
        return tuple(id_ for k in np.flatnonzero(inside) if (id_ := self.ordered[k].id) != sighting.id)

    def others(self, sighting: KnownSighting) -> bool:
        """Return whether another camera saw the vehicle within the horizon."""
        return bool((self._inside(sighting) & (self._vehicles == sighting.match.vehicle)).any())

    def _inside(self, sighting: KnownSighting) -> Flags:
        return np.asarray(self._near(sighting) & (self._cameras != sighting.camera))

    def _near(self, sighting: KnownSighting) -> Flags:
        return np.asarray(np.abs(self._times - sighting.time.timestamp()) <= HORIZON_S)


def _absent_questions(
    sightings: Sequence[KnownSighting], passages: Iterable[TruePassage], missed: Iterable[TrueMiss]
) -> list[CityQuestion]:
    """Return all questions about vehicles that no other camera saw within the horizon."""
    passages = list(passages)
    counted = {passage.passage for passage in passages if passage.counts}
    galleries, by_vehicle = _Galleries(sightings), _by_vehicle(passages)
    missed_of: dict[str, list[TrueMiss]] = {}
    for miss in missed:
        missed_of.setdefault(miss.vehicle, []).append(miss)
    return [
        replace(
            _question(one, by_vehicle[_vehicle(one)], galleries),
            missed=tuple(miss for miss in missed_of.get(_vehicle(one), ()) if _is_missed(one, miss)),
        )
        for one in galleries.ordered
        if one.match.passage in counted and not galleries.others(one)
    ]


def _is_missed(sighting: KnownSighting, miss: TrueMiss) -> bool:
    """Return whether another camera missed the vehicle within the horizon."""
    return miss.camera != sighting.camera and abs((miss.time - sighting.time).total_seconds()) <= HORIZON_S


def _drawn(questions: Sequence[CityQuestion], n: int, seed: Sequence[int]) -> list[CityQuestion]:
    """Return up to `n` of the questions, drawn at random, in their own order."""
    drawn = np.random.default_rng(seed).permutation(len(questions))[:n]
    return [questions[i] for i in sorted(drawn)]


def _by_vehicle(passages: Iterable[TruePassage]) -> dict[str, list[TruePassage]]:
    by_vehicle: dict[str, list[TruePassage]] = {}
    for passage in passages:
        by_vehicle.setdefault(passage.vehicle, []).append(passage)
    return by_vehicle


def _question(sighting: KnownSighting, passages: Sequence[TruePassage], galleries: _Galleries) -> CityQuestion:
    near = [passage for passage in passages if _within_horizon(sighting, passage)]
    others = [passage for passage in near if passage.counts and passage.passage != sighting.match.passage]
    return CityQuestion(
        sighting=sighting.id,
        vehicle=_vehicle(sighting),
        camera=sighting.camera,
        time=sighting.time,
        gallery=galleries.of(sighting),
        relevant=frozenset(passage.passage for passage in others if passage.camera != sighting.camera),
        others=frozenset(passage.passage for passage in others),
        unscored=frozenset(passage.passage for passage in passages if passage not in others),
        again=galleries.again(sighting),
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
