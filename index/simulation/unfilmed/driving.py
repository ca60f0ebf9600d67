"""Let a city's vehicles drive, block by block, and keep who passes which camera when on the disk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from index.archive import Archive
from index.simulation.chronicle import write_stations, writing_blocks
from index.simulation.city import START, lay_roads
from index.simulation.motion import AWAY
from index.simulation.options import CityOptions
from index.simulation.plan import direction_of
from index.simulation.population import Block, populate
from index.simulation.presets import preset_named
from index.simulation.siting import choose_spots
from index.simulation.stations import Station, equip
from index.simulation.unfilmed.glimpses import Post
from index.simulation.unfilmed.spool import Roster, Spool, passing_rows
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import passages

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who passes the posts of a city: what can be seen of them, and when they pass, by the number of the post."""

    posts: tuple[Post, ...]
    roster: Roster
    spool: Spool


def drive(
    folder: Path, scratch: Path, options: CityOptions, archive: Archive, *, at_once: int, progress: Progress
) -> Traffic:
    """Write the roads, the cameras and all that is true but the passages; those go into the scratch folder."""
    roads = lay_roads(folder, options)
    graph, preset = read_roads(roads).graph, preset_named(options.preset)
    blocks: Iterator[Block] = populate(graph, options, preset, at_once=at_once)
    ahead = next(blocks)
    spots = choose_spots(graph, ahead.trips, (0.0, options.period_s), options.cameras, options.seed)
    blocks = chain([ahead], blocks)
    del ahead  # Nobody else keeps a block, so that two of them are the most there ever are.
    stations = equip(spots, options, preset)
    write_stations(folder, options, stations, START)
    posts = _posts(archive, roads, stations)
    roster = Roster(scratch / "roster", options.vehicles)
    spool: Spool | None = None
    with writing_blocks(folder, graph, options, START) as write:
        for block in blocks:
            write(block)
            roster.add(block.first, block.fleet)
            rows = passing_rows(list(_passings(graph, block, posts, options.fps)))
            spool = spool or Spool(scratch, options.period_s, len(rows) * options.vehicles // len(block.fleet))
            spool.add(rows)
            progress(f"{block.first + len(block.fleet)} of {options.vehicles} vehicles have driven")
    assert spool is not None
    return Traffic(posts, roster, spool)


def _posts(archive: Archive, roads: Path, stations: tuple[Station, ...]) -> tuple[Post, ...]:
    """Bring roads and cameras into the archive, and return where it places each."""
    archive.place_book.import_roads(roads)
    archive.place_book.import_cameras([station.camera for station in stations])
    placed = {one.camera.id: one for one in archive.places.placed} if archive.places else {}
    return tuple(Post(station, placed[station.camera.id]) for station in stations)


def _passings(
    graph: RoadGraph, block: Block, posts: tuple[Post, ...], fps: float
) -> Iterator[tuple[float, int, int, bool]]:
    """Yield when which vehicle of a block passes which post while it films, and whether towards it."""
    number = {post.station.camera.id: i for i, post in enumerate(posts)}
    for passage in passages(graph, block.trips, [post.placed for post in posts]):
        post = number[passage.camera]
        if posts[post].films_at(passage.time_s, fps):
            yield passage.time_s, passage.vehicle, post, direction_of(passage) != AWAY
