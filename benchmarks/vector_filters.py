"""Measure questions with a type and a colour, and questions with several pictures of one vehicle."""

import statistics
import time

import numpy as np

from benchmarks.claim import say, times_ms
from benchmarks.vector_archive import DESCRIPTIONS, DIMS, MODEL, VectorQuestion, described, inside
from benchmarks.vector_libraries import TOP
from benchmarks.vector_truth import nearest, nearest_of_all
from index.records import Description
from index.store.archive import Archive
from index.store.catalogue.windows import Windows
from reid.arrays import Flags, Floats32, Ints

ASKED = 20
PICTURES = 4


def claim_described(archive: Archive, count: int, asked: list[VectorQuestion]) -> None:
    """Ask for buses, for cars and for red cars, inside windows and of all."""
    for description, name in (
        (Description("bus"), "buses"),
        (Description("car"), "cars"),
        (Description("car", "red"), "red cars"),
    ):
        _claim_described(archive, count, asked[: ASKED + 1], description, f"the {TOP} nearest {name}")


def claim_pictures(archive: Archive, count: int, asked: list[VectorQuestion]) -> None:
    """Ask with four pictures of one vehicle at once, and one after the other."""
    rng = np.random.default_rng(count)
    noise = rng.standard_normal((ASKED + 1, PICTURES, DIMS)).astype(np.float32) / DIMS**0.5
    pictures = np.stack([one.query for one in asked[: ASKED + 1]])[:, None] + 0.3 * noise
    pictures /= np.linalg.norm(pictures, axis=-1, keepdims=True)
    windows = [one.windows for one in asked[: ASKED + 1]]
    for name, bounds in (("inside", windows), ("all", [None] * len(windows))):
        _claim_pictures(archive, f"of {name}, {count:,}, {DIMS}-d", pictures, bounds)


def _claim_described(
    archive: Archive, count: int, asked: list[VectorQuestion], description: Description, name: str
) -> None:
    wanted = np.array([description.is_fulfilled_by(one) for one in DESCRIPTIONS])

    def kept(numbers: Ints) -> Flags:
        fitting: Flags = wanted[described(numbers)]
        return fitting

    windows = [question.windows for question in asked]
    inside_of = [inside(question, count) for question in asked]
    bounded = [nearest(one, own[kept(own)], count) for one, own in zip(asked, inside_of, strict=True)]
    of_all, _ = nearest_of_all(np.stack([question.query for question in asked]), count, kept)
    plan = (("inside, of", windows, bounded, 1.0), ("of all", [None] * len(asked), of_all, 0.995))
    for where, bounds, right, least in plan:
        found = [_found(archive, one.query[None], own, description) for one, own in zip(asked, bounds, strict=True)]
        recall = statistics.mean(len(set(own) & set(true)) / TOP for own, true in zip(found, right, strict=True))
        say(
            f"{name} {where} {count:,}, {DIMS}-d, recall {recall:.4f}: median processor time",
            value=_busy_ms(archive, asked, bounds, description),
            unit="ms",
            peer="any type and colour",
            peer_value=_busy_ms(archive, asked, bounds, Description()),
            less_is_better=True,
            correct=recall >= least,
        )


def _claim_pictures(archive: Archive, where: str, pictures: Floats32, bounds: list[Windows] | list[None]) -> None:
    def together(number: int) -> list[int]:
        return _found(archive, pictures[number], bounds[number])

    def apart(number: int) -> list[int]:
        hits = [
            hit
            for picture in pictures[number]
            for hit in archive.vectors.search(MODEL, picture[None], bounds[number], TOP, threads=1)
        ]
        best = {hit.sighting: hit.score for hit in sorted(hits, key=lambda hit: hit.score)}
        return [int(id_) for id_ in sorted(best, key=lambda id_: (-best[id_], id_))[:TOP]]

    def scored(number: int) -> object:
        return archive.vectors.all_scores(MODEL, pictures[number], bounds[number], threads=1)

    shares = [len(set(together(n)) & set(apart(n))) / TOP for n in range(ASKED)]
    for what, action, other, peer in (
        (f"the {TOP} nearest to {PICTURES} pictures", together, apart, f"{PICTURES} questions one after the other"),
        (f"the scores of all beside {PICTURES} pictures", scored, together, f"the {TOP} nearest alone"),
    ):
        if action is scored and bounds[0] is None:
            continue
        say(
            f"{what}, {where}: median processor time",
            value=statistics.median(times_ms(action, ASKED, clock=time.thread_time)),
            unit="ms",
            peer=peer,
            peer_value=statistics.median(times_ms(other, ASKED, clock=time.thread_time)),
            less_is_better=True,
            correct=statistics.mean(shares) >= (1.0 if bounds[0] is not None else 0.995),
        )


def _found(
    archive: Archive, queries: Floats32, windows: Windows | None, description: Description | None = None
) -> list[int]:
    of_these = description or Description()
    hits = archive.vectors.search(MODEL, queries, windows, TOP, description=of_these, threads=1)
    return [int(hit.sighting) for hit in hits]


def _busy_ms(
    archive: Archive,
    asked: list[VectorQuestion],
    bounds: list[Windows] | list[None],
    description: Description,
) -> float:
    def search(number: int) -> object:
        return _found(archive, asked[number].query[None], bounds[number], description)

    return statistics.median(times_ms(search, ASKED, clock=time.thread_time))
