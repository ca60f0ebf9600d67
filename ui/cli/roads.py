"""Import the road map, list reachable cameras, and learn travel times: `retrace roads`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import TIME, FiniteRange, PathParameter

if TYPE_CHECKING:
    from index.learning.travel import LearnedRoads
    from roadgraph.reachability import Reached


@click.group()
def roads() -> None:
    """Import the road map; ask what can be reached."""


@roads.command("import")
@click.argument("file", type=PathParameter())
@click.option("--ferries/--no-ferries", default=True, show_default=True, help="Ferries that take cars count as roads.")
@click.option("--tolls/--no-tolls", default=True, show_default=True, help="Roads and tunnels with a toll are driven.")
@json_option
@click.pass_context
def import_(ctx: click.Context, file: Path, ferries: bool, tolls: bool, as_json: bool) -> None:
    """Replace the road map: OpenStreetMap XML or PBF (.gz, .bz2 too), GraphML of osmnx, or GeoJSON lines.

    What is left out makes drives that need it impossible, so leave out only what nobody can have taken.

    Example: retrace roads import andorra.osm.pbf
    """
    from index.access.permissions import local_person
    from index.map.map_changes import import_roads
    from roadgraph.tags import TagOptions

    made = import_roads(archive_of(ctx), local_person(), file, TagOptions(ferries=ferries, tolls=tolls))
    for camera in made.cameras_off_roads:
        note(f"camera {camera} is too far from these roads and is left out of what roads can tell")
    document: dict[str, object] = {"nodes": made.nodes, "edges": made.edges, "km": round(made.km, 3)}
    document |= {"dropped_km": round(made.dropped_km, 3), "pieces": made.pieces}
    lines = [
        f"{made.km:.1f} km of road, {made.nodes} junctions, {made.edges} directed edges",
        f"{made.dropped_km:.1f} km left out: scraps that no road joins",
    ]
    if made.pieces > 1:
        lines.append(f"{made.pieces} pieces: between them this map knows no way, and searches use the straight line")
    show(document, as_json, lines)


@roads.command()
@click.argument("newer", type=PathParameter())
@click.option("--ferries/--no-ferries", default=True, show_default=True, help="Ferries that take cars count as roads.")
@click.option("--tolls/--no-tolls", default=True, show_default=True, help="Roads and tunnels with a toll are driven.")
@json_option
@click.pass_context
def update(ctx: click.Context, newer: Path, ferries: bool, tolls: bool, as_json: bool) -> None:
    """Replace the road map by a newer one of the same place, and say what has changed.

    Cameras are placed again; learned times are kept where the shortest way has not changed, and fade where it has.

    Example: retrace roads update andorra-2027.osm.pbf
    """
    from index.access.permissions import local_person
    from index.map.update_roads import update_roads
    from roadgraph.tags import TagOptions

    done = update_roads(archive_of(ctx), local_person(), newer, TagOptions(ferries=ferries, tolls=tolls))
    for camera in done.imported.cameras_off_roads:
        note(f"camera {camera} is too far from these roads and is left out of what roads can tell")
    document = {
        "nodes": done.imported.nodes,
        "edges": done.imported.edges,
        "km": round(done.imported.km, 3),
        "dropped_km": round(done.imported.dropped_km, 3),
        "pieces": done.imported.pieces,
        "km_added": round(done.km_added, 3),
        "km_removed": round(done.km_removed, 3),
        "cameras_resnapped": list(done.cameras_resnapped),
        "pairs_kept": done.pairs_kept,
        "pairs_fading": done.pairs_fading,
        "pairs_dropped": done.pairs_dropped,
    }
    resnapped = ", ".join(done.cameras_resnapped) or "none"
    lines = [
        f"{done.imported.km:.1f} km of road: {done.km_added:.1f} km new, {done.km_removed:.1f} km gone",
        f"cameras that see another road: {resnapped}",
        f"learned times: {done.pairs_kept} pairs kept, {done.pairs_fading} count less, {done.pairs_dropped} no longer",
    ]
    show(document, as_json, lines)


@roads.command()
@click.option("--camera", required=True, metavar="ID", help="The camera that saw the vehicle.")
@click.option("--from", "start", type=TIME, required=True, help="When it saw the vehicle, with zone.")
@click.option("--minutes", type=FiniteRange(0, 1440, min_open=True), required=True, help="The horizon in minutes.")
@click.option("--direction", type=click.Choice(["after", "before", "both"]), default="after", show_default=True)
@click.option("--edge", type=int, help="The directed road it took, where that is known.")
@json_option
@click.pass_context
def reach(
    ctx: click.Context, camera: str, start: datetime, minutes: float, direction: str, edge: int | None, as_json: bool
) -> None:
    """List the cameras a vehicle can have passed, with the earliest time.

    Example: retrace roads reach --camera c03 --from 2026-05-04T08:30:00+02:00 --minutes 10
    """
    from index.map.reach import reach_from_camera
    from roadgraph.reachability import ReachOptions

    options = ReachOptions(horizon_s=minutes * 60, direction=direction)
    found = reach_from_camera(archive_of(ctx), camera, options, at=start, edge=edge)
    cameras = [
        _document(start, reached, found.next_share) | {"way": "unknown" if reached.camera in found.no_way else "roads"}
        for reached in found.hypothesis.cameras
    ]
    circle_km2 = round(found.hypothesis.circle_km2, 3)
    document = {"cameras": cameras, "circle_km2": circle_km2, "area": found.area, "off_map": found.off_map}
    show(document, as_json, _lines(cameras, found.area_km, found.off_map))


@roads.command()
@json_option
@click.pass_context
def learn(ctx: click.Context, as_json: bool) -> None:
    """Learn the clocks of cameras, and travel times from vehicles known at two cameras, by plate or by a case.

    Example: retrace roads learn
    """
    from index.access.permissions import local_person
    from index.learning.travel import learn_roads

    learned = learn_roads(archive_of(ctx), local_person())
    clocks = [
        {
            "camera": clock.camera,
            "offset_s": round(clock.estimate.offset_s, 2),
            "low_s": round(clock.estimate.low_s, 2),
            "high_s": round(clock.estimate.high_s, 2),
            "drift": round(clock.rate.drift, 6),
            "drift_low": round(clock.rate.drift_bounds[0], 6),
            "drift_high": round(clock.rate.drift_bounds[1], 6),
            "at": clock.at,
            "kept": clock.kept,
            "found": clock.is_found,
            "vehicles": round(clock.vehicles, 1),
            "through": list(clock.through),
        }
        for clock in learned.clocks
    ]
    document = {"pairs": learned.pairs, "passages": learned.passages, "clock_offsets": clocks}
    show(document, as_json, _learned_lines(learned))


def _learned_lines(learned: "LearnedRoads") -> Iterator[str]:
    from ui.cli.lines import clock_line

    if learned.passages:
        yield f"{learned.passages} passages taught the travel times of {learned.pairs} pairs of cameras"
    else:
        yield "no vehicle is known to have passed two cameras: travel times stay as they are"
    yield from map(clock_line, learned.clocks)


def _document(start: datetime, reached: "Reached", next_share: Mapping[tuple[str, str], float]) -> dict[str, object]:
    """Return when the vehicle can have passed; before the start, the slowest drive gives the earliest time."""
    soonest, latest = timedelta(seconds=reached.earliest_s), timedelta(seconds=reached.likely_latest_s)
    after = reached.direction == "after"
    return {
        "id": reached.camera,
        "earliest": start + soonest if after else start - latest,
        "usual_s": round(reached.usual_s, 1),
        "latest": start + latest if after else start - soonest,
        "km": None if isnan(reached.km) else round(reached.km, 3),
        "direction": reached.direction,
        "next_share": round(next_share.get((reached.camera, reached.direction), 0.0), 4),
    }


def _lines(cameras: Sequence[dict[str, object]], area_km: float | None, off_map: bool) -> Iterator[str]:
    for camera in cameras:
        span = f"{camera['earliest']:%H:%M:%S} to {camera['latest']:%H:%M:%S} UTC"
        away = "distance unknown" if camera["km"] is None else f"{camera['km']} km"
        straight = ", no way known: by the straight line" if camera["way"] == "unknown" else ""
        usual = f"usually {camera['usual_s']:.0f} s, the next camera with {camera['next_share']:.0%}"
        yield f"{camera['id']}  {camera['direction']}  {span}  {away}{straight}, {usual}"
    if area_km is None:
        yield f"{len(cameras)} cameras; there is no road map: the vehicle can be anywhere in the circle"
    else:
        beyond = ", or beyond the edge of the map" if off_map else ""
        yield f"{len(cameras)} cameras; the vehicle can be on {area_km:.1f} km of road at the end of it{beyond}"
