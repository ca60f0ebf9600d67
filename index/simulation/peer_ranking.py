"""Rank a gallery as other tools do: by cosine similarity over everything, by equal plate strings, and by both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from index.answers import Query
from index.records import Window
from index.search.similarity import similarities
from index.search.target import Target, target_of
from index.simulation.answer_score import Answer
from index.simulation.questions import HORIZON_S, CityQuestion
from index.store.archive import Archive
from index.store.catalogue import cameras, plates
from reid.arrays import Floats

PEERS = ("cosine", "plate_equals", "cosine_and_plate")

AROUND = timedelta(seconds=HORIZON_S + 600)
"""A gallery lies within so much of the moment asked about, by the clock of any camera."""


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """Rankings of the gallery, best first, by peer; the most similar sighting with its cosine."""

    rankings: Mapping[str, tuple[str, ...]]
    cosine: tuple[str | None, float]


def ask_peers(archive: Archive, question: CityQuestion) -> PeerAnswer:
    """Rank the whole gallery of a question; places, times and roads take no part.

    `plate_equals` returns only sightings whose plate was read as the same string, the surest first;
    `cosine_and_plate` puts these before all others.
    """
    target, ids = target_of(archive, Query(sighting=question.sighting)), question.gallery
    cosine = _cosines(archive, target, question)
    by_cosine = np.argsort(-cosine, kind="stable").tolist()
    equal = _equal_plates(archive, target, ids)
    by_both = sorted(by_cosine, key=lambda row: ids[row] not in equal)
    best = by_cosine[0] if by_cosine and np.isfinite(cosine[by_cosine[0]]) else None
    return PeerAnswer(
        {
            "cosine": tuple(ids[row] for row in by_cosine),
            "plate_equals": tuple(sorted(equal, key=lambda id_: (-equal[id_], id_))),
            "cosine_and_plate": tuple(ids[row] for row in by_both),
        },
        (None, -1.0) if best is None else (ids[best], float(cosine[best])),
    )


def with_peers(answer: Answer, peers: PeerAnswer) -> Answer:
    """Return the search's answer with those of the peers to the same question."""
    return replace(answer, rankings={**answer.rankings, **peers.rankings}, cosine=peers.cosine)


def _cosines(archive: Archive, target: Target, question: CityQuestion) -> Floats:
    """Return the cosine similarity of each sighting of the gallery, -inf where there is none."""
    if target.model_id is None or target.vectors is None:
        return np.full(len(question.gallery), -np.inf)
    with archive.catalogue.reading() as connection:
        windows = [
            Window(one.id, question.time - AROUND, question.time + AROUND) for one in cameras.listing(connection)
        ]
    found = similarities(archive, target.model_id, target.vectors, question.gallery, windows)
    return np.nan_to_num(found, nan=-np.inf)


def _equal_plates(archive: Archive, target: Target, ids: tuple[str, ...]) -> dict[str, float]:
    """Return the sightings whose plate was read as the target's was, with the confidence of each reading."""
    if target.plate is None or not target.plate.text:
        return {}
    with archive.catalogue.reading() as connection:
        read = plates.by_sighting(connection, ids)
    return {id_: plate.confidence for id_, plate in read.items() if plate.text == target.plate.text}
