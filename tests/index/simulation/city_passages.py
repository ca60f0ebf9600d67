"""True passages and sightings of a tiny city, for the tests of questions and answers."""

from datetime import UTC, datetime, timedelta

from index.simulation.matching import Match
from index.simulation.questions import CityQuestion, KnownSighting, draw_questions
from index.simulation.truth import TruePassage

START = datetime(2026, 5, 4, 8, tzinfo=UTC)


def true_passage(name: str, vehicle: str, camera: str, minute: float, *, counts: bool = True) -> TruePassage:
    time = START + timedelta(minutes=minute)
    return TruePassage(
        name, vehicle, camera, time - timedelta(seconds=2), time + timedelta(seconds=2), 60, 0, 0, counts
    )


PASSAGES = [
    true_passage("p1", "v1", "A", 0),
    true_passage("p2", "v1", "B", 5),
    true_passage("p3", "v1", "C", 25),
    true_passage("p4", "v1", "C", 45),
    true_passage("p5", "v2", "B", 3),
    true_passage("p6", "v3", "A", 1),
    true_passage("p7", "v3", "B", 4, counts=False),
]


def known_sightings(shown: list[TruePassage]) -> list[KnownSighting]:
    return [
        KnownSighting(Match(f"s-{p.passage}", p.vehicle, p.passage), p.camera, p.first + timedelta(seconds=2))
        for p in shown
    ]


FOUND = [p for p in PASSAGES if p.passage != "p3"]
MATCHES = {sighting.id: sighting.match for sighting in known_sightings(FOUND)}


def question_about(sighting: str) -> CityQuestion:
    return next(q for q in draw_questions(known_sightings(FOUND), PASSAGES, n=100, seed=0) if q.sighting == sighting)
