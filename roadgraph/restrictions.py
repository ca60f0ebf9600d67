"""Turn OpenStreetMap's turn restrictions into forbidden paths: edges that may not be driven in a row."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roadgraph.arrays import Ints

LONGEST_VIA = 12
"""A restriction over more edges than this is taken for an error of the map and left out."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn from one way, over a node or over other ways, into another way.

    It is forbidden, or with `only` it is the one turn that is allowed.
    """

    only: bool
    from_way: int
    to_way: int
    via_node: int | None
    via_ways: tuple[int, ...] = ()


def read_restriction(tags: Mapping[str, str], members: Sequence[tuple[str, str, int]]) -> list[Restriction]:
    """Return the restrictions of a relation that apply to cars; `members` are (type "n" or "w", role, number)."""
    rule = tags.get("restriction:motorcar") or tags.get("restriction:motor_vehicle") or tags.get("restriction", "")
    exempt = tags.get("except", "").split(";")
    if not rule.startswith(("no_", "only_")) or {"motorcar", "motor_vehicle"} & {word.strip() for word in exempt}:
        return []
    starts = [ref for kind, role, ref in members if kind == "w" and role == "from"]
    ends = [ref for kind, role, ref in members if kind == "w" and role == "to"]
    nodes = [ref for kind, role, ref in members if kind == "n" and role == "via"]
    ways = tuple(ref for kind, role, ref in members if kind == "w" and role == "via")
    if not nodes and not ways:
        return []
    via_node = nodes[0] if nodes else None
    only = rule.startswith("only_")
    return [Restriction(only, start, end, via_node, () if nodes else ways) for start in starts for end in ends]


def forbidden_paths(
    restrictions: Sequence[Restriction],
    *,
    edge_way: Ints,
    edge_from: Ints,
    edge_to: Ints,
) -> list[tuple[int, ...]]:
    """Return the forbidden paths of edges in order, each once, given each edge's way and the nodes it joins."""
    if not restrictions:
        return []
    named = {way for rule in restrictions for way in (rule.from_way, rule.to_way, *rule.via_ways)}
    edges = _EdgeLookup(edge_to.tolist())
    for edge, (way, start) in enumerate(zip(edge_way.tolist(), edge_from.tolist(), strict=True)):
        edges.leaving[start].append(edge)
        if way in named:
            edges.of_way[way].append(edge)
            edges.starting[way, start].append(edge)
    found: set[tuple[int, ...]] = set()
    for rule in restrictions:
        for driven in _approaches(rule, edges):
            found.update((*driven, last) for last in _forbidden_exits(rule, driven, edges))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _EdgeLookup:
    """Lookups of edges: the end of each, the edges of a way, those of a way from a node, and those leaving a node."""

    head: Sequence[int]
    of_way: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    starting: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    leaving: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def _forbidden_exits(rule: Restriction, driven: tuple[int, ...], edges: _EdgeLookup) -> list[int]:
    junction = edges.head[driven[-1]]
    named = edges.starting.get((rule.to_way, junction), [])
    if not rule.only:
        return named
    return [edge for edge in edges.leaving[junction] if edge not in named] if named else []


def _approaches(rule: Restriction, edges: _EdgeLookup) -> Iterator[tuple[int, ...]]:
    """Yield the edges driven before the restricted exit: the `from` edge, then those of the via ways if any."""
    for first in edges.of_way.get(rule.from_way, ()):
        if rule.via_node is None:
            yield from _along_via((first,), rule, edges)
        elif edges.head[first] == rule.via_node:
            yield (first,)


def _along_via(driven: tuple[int, ...], rule: Restriction, edges: _EdgeLookup) -> Iterator[tuple[int, ...]]:
    """Yield the drives along the via ways, edge by edge, through no junction twice."""
    if len(driven) > LONGEST_VIA:
        return
    if len(driven) > 1:
        yield driven
    passed = {edges.head[edge] for edge in driven}
    for way in rule.via_ways:
        for edge in edges.starting.get((way, edges.head[driven[-1]]), ()):
            if edges.head[edge] not in passed:
                yield from _along_via((*driven, edge), rule, edges)
