"""Ask other libraries and databases the same questions as the archive, in turn with it, and check every answer."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim import say
from benchmarks.vector_archive import DIMS, MODEL, VectorQuestion
from benchmarks.vector_databases import DATABASES
from benchmarks.vector_libraries import APPROXIMATE, EXACT, TOP, Ask, Peer
from index.store.archive import Archive
from reid.arrays import Ints

ASKED = 20
PEERS = EXACT | DATABASES | APPROXIMATE
"""Those that are not installed are left out, with a line on stderr."""


@dataclass(frozen=True, slots=True)
class PeerQuestions:
    """Questions about an archive, the numbers of what lies inside each, and the right answers, bounded and of all."""

    count: int
    asked: list[VectorQuestion]
    inside: list[Ints]
    right: list[list[int]]
    right_of_all: list[list[int]]


def claim_peers(archive: Archive, questions: PeerQuestions, names: list[str]) -> None:
    """Ask each peer, and the archive in turn with it: bounded questions, and some of all vectors."""
    for name in names:
        try:
            with PEERS[name](questions.count) as peer:
                about = f"{name}: {(PEERS[name].__doc__ or '').splitlines()[0]}"
                _claim(archive, questions, peer, about, bounded=True)
                _claim(archive, questions, peer, about, bounded=False)
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)


def _claim(archive: Archive, questions: PeerQuestions, peer: Peer, about: str, *, bounded: bool) -> None:
    """Compare processor time, time waited, and questions a second from two threads."""
    ours = _ask_archive(archive, questions, bounded=bounded)
    right = questions.right if bounded else questions.right_of_all
    inside = [rows if bounded else None for rows in questions.inside]
    theirs = [peer.ask(questions.asked[n], inside[n]) for n in range(ASKED)]
    mine = [ours(questions.asked[n], inside[n]) for n in range(ASKED)]
    waited: list[tuple[float, float]] = []
    busy = [0.0, 0.0]
    for n in range(ASKED):
        spent = [_spent(peer, ask, questions.asked[n], inside[n]) for ask in (ours, peer.ask)]
        waited.append((spent[0][0], spent[1][0]))
        busy = [busy[0] + spent[0][1], busy[1] + spent[1][1]]
    what = f"the {TOP} nearest of the sightings inside, of" if bounded else f"the {TOP} nearest of all"
    name = f"{what} {questions.count:,}, {DIMS}-d, recall {_recall(mine, right):.4f}"
    peer_name = f"{about}, recall {_recall(theirs, right):.4f}"
    for kind, value, peer_value in (
        ("mean processor time", 1000 * busy[0] / ASKED, 1000 * busy[1] / ASKED),
        ("median", *(1000 * statistics.median(column) for column in zip(*waited, strict=True))),
    ):
        say(f"{name}: {kind}", value=value, unit="ms", peer=peer_name, peer_value=peer_value, less_is_better=True)
    say(
        f"{name}: questions a second from two threads",
        value=_rate(ours, questions, inside),
        unit="questions/s",
        peer=peer_name,
        peer_value=_rate(peer.ask, questions, inside),
        less_is_better=False,
    )


def _ask_archive(archive: Archive, questions: PeerQuestions, *, bounded: bool) -> Ask:
    windows = {id(one): one.windows for one in questions.asked} if bounded else {}

    def ask(question: VectorQuestion, _: Ints | None) -> list[int]:
        within = windows.get(id(question))
        hits = archive.vectors.search(MODEL, question.query[None], within, TOP, threads=1)
        return [int(hit.sighting) for hit in hits]

    return ask


def _recall(found: list[list[int]], right: list[list[int]]) -> float:
    return statistics.mean(len(set(own) & set(true)) / TOP for own, true in zip(found, right, strict=True))


def _spent(peer: Peer, ask: Ask, question: VectorQuestion, inside: Ints | None) -> tuple[float, float]:
    """Return the seconds that a question took, and the seconds of processor time of all processes that answer."""
    began, busy = time.perf_counter(), _processor_s(peer)
    ask(question, inside)
    return time.perf_counter() - began, _processor_s(peer) - busy


def _processor_s(peer: Peer) -> float:
    """Return the processor time of this process, of its children, and of the one that answers."""
    others = _children(os.getpid()) | ({peer.process} if peer.process else set())
    return time.process_time() + sum(map(_ticks, others)) / os.sysconf("SC_CLK_TCK")


def _children(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        found |= {int(child) for child in task.read_text().split()}
    return found.union(*(_children(child) for child in found))


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _rate(ask: Ask, questions: PeerQuestions, inside: list[Ints | None]) -> float:
    """Return how many questions a second two threads get answered."""
    once: Callable[[int], list[int]] = lambda n: ask(questions.asked[n], inside[n])  # noqa: E731
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(once, range(ASKED)))
    return ASKED / (time.perf_counter() - began)
