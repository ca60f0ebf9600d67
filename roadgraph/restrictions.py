"""Turn OpenStreetMap's turn restrictions into paths of edges that may not be driven."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

LONGEST_VIA = 12
"""A restriction over more edges than this is a mistake of the map and left out."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """From one way over a node, or over ways, into another: forbidden, or with `only` the sole one allowed."""

    only: bool
    from_way: int
    to_way: int
    via_node: int | None
    via_ways: tuple[int, ...] = ()


def read_restriction(tags: Mapping[str, str], members: Sequence[tuple[str, str, int]]) -> list[Restriction]:
    """Return what a relation forbids to cars; `members` are (type "n" or "w", role, number)."""
    said = tags.get("restriction:motorcar") or tags.get("restriction:motor_vehicle") or tags.get("restriction", "")
    exempt = tags.get("except", "").split(";")
    if not said.startswith(("no_", "only_")) or {"motorcar", "motor_vehicle"} & {word.strip() for word in exempt}:
        return []
    starts = [ref for kind, role, ref in members if kind == "w" and role == "from"]
    ends = [ref for kind, role, ref in members if kind == "w" and role == "to"]
    nodes = [ref for kind, role, ref in members if kind == "n" and role == "via"]
    ways = tuple(ref for kind, role, ref in members if kind == "w" and role == "via")
    if not nodes and not ways:
        return []
    via_node = nodes[0] if nodes else None
    only = said.startswith("only_")
    return [Restriction(only, start, end, via_node, () if nodes else ways) for start in starts for end in ends]


def forbidden_paths(
    restrictions: Sequence[Restriction],
    *,
    edge_way: npt.NDArray[np.int64],
    edge_from: npt.NDArray[np.int64],
    edge_to: npt.NDArray[np.int64],
) -> list[tuple[int, ...]]:
    """Return the forbidden paths over edges, given each edge's way and the nodes it joins; sorted, each once."""
    if not restrictions:
        return []
    named = {way for rule in restrictions for way in (rule.from_way, rule.to_way, *rule.via_ways)}
    roads = _Roads(edge_to.tolist())
    for edge, (way, start) in enumerate(zip(edge_way.tolist(), edge_from.tolist(), strict=True)):
        roads.leaving[start].append(edge)
        if way in named:
            roads.of_way[way].append(edge)
            roads.starting[way, start].append(edge)
    found: set[tuple[int, ...]] = set()
    for rule in restrictions:
        for driven in _approaches(rule, roads):
            found.update((*driven, last) for last in _forbidden_exits(rule, driven, roads))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Roads:
    """The edges by what a restriction calls them."""

    head: Sequence[int]
    of_way: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    starting: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    leaving: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def _forbidden_exits(rule: Restriction, driven: tuple[int, ...], roads: _Roads) -> list[int]:
    junction = roads.head[driven[-1]]
    named = roads.starting.get((rule.to_way, junction), [])
    if not rule.only:
        return named
    return [edge for edge in roads.leaving[junction] if edge not in named] if named else []


def _approaches(rule: Restriction, roads: _Roads) -> Iterator[tuple[int, ...]]:
    """Yield the edges that lead up to the forbidden exit: the `from` edge and, where there are any, those between."""
    for first in roads.of_way.get(rule.from_way, ()):
        if rule.via_node is None:
            yield from _along_via((first,), rule, roads)
        elif roads.head[first] == rule.via_node:
            yield (first,)


def _along_via(driven: tuple[int, ...], rule: Restriction, roads: _Roads) -> Iterator[tuple[int, ...]]:
    """Follow the via ways, edge by edge, never through a junction twice."""
    if len(driven) > LONGEST_VIA:
        return
    if len(driven) > 1:
        yield driven
    passed = {roads.head[edge] for edge in driven}
    for way in rule.via_ways:
        for edge in roads.starting.get((way, roads.head[driven[-1]]), ()):
            if roads.head[edge] not in passed:
                yield from _along_via((*driven, edge), rule, roads)
