"""Import, list, move and mask cameras: `retrace cameras`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, iso_time, json_option, note, show
from ui.cli.parameters import SECONDS, TIME, FiniteRange, PathParameter

if TYPE_CHECKING:
    from index.store.catalogue.cameras import StoredCamera
    from index.store.catalogue.clocks import ClockOffset

_SOURCES = {
    "given": "as a person said",
    "passages": "learned from vehicles that passed",
    "files": "by the starts of its files",
    "picture": "by the clock in its picture",
}


@click.group()
def cameras() -> None:
    """Import, list and move cameras."""


@cameras.command("import")
@click.argument("file", type=PathParameter())
@json_option
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Add cameras from GeoJSON points or CSV (id,lat,lon,bearing), and put them on the roads, if there are any.

    In a CSV table lat and lon may be empty, or left out: then only the name of the camera is known.
    A GeoJSON camera may have a property "mask", as `retrace cameras mask` reads it.

    Example: retrace cameras import cameras.geojson
    """
    from index.access.permissions import local_person
    from index.map.map_changes import add_cameras, import_cameras, set_mask
    from index.map.mask_file import read_masks
    from index.store.catalogue.cameras import ALWAYS
    from roadgraph.camera_files import read_cameras, read_names

    archive = archive_of(ctx)
    stored, names, masks = read_cameras(file), read_names(file), read_masks(file)
    done = import_cameras(archive, local_person(), stored) if stored else []
    for one in done:
        if one.valid_to is not None:
            note(f"{one.id} was moved on {iso_time(one.valid_to)}: this is its place before (later: cameras move)")
    if names:
        add_cameras(archive, local_person(), names)
    for camera, regions in masks.items():
        _note_masks(camera, set_mask(archive, local_person(), camera, regions, ALWAYS))
    _show(done, as_json, without_place=names)


@cameras.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@click.pass_context
def add(ctx: click.Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Add cameras by their names alone; `cameras move` gives them a place once it is known.

    Without places and roads, searches learn the times between cameras from vehicles (`retrace roads learn`).

    Example: retrace cameras add gate yard crossing
    """
    from index.access.permissions import local_person
    from index.map.map_changes import add_cameras

    added = add_cameras(archive_of(ctx), local_person(), ids)
    _show([], as_json, without_place=[id_ for id_ in added if id_ in ids])


@cameras.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the cameras and the roads they see.

    Example: retrace cameras list --json
    """
    from index.ingest.footage_changes import moved_since
    from index.map.places import current_places, placements_of

    archive = archive_of(ctx)
    now = placements_of(archive).at(None)
    _show(now.cameras, as_json, moved_since(archive), now.without_place)
    if current_places(archive).graph is None:
        note(
            "no road map: times between cameras rest on passages and straight-line distance; retrace roads import FILE"
        )


@cameras.command()
@click.argument("camera")
@click.option("--lat", type=FiniteRange(-90, 90), help="New latitude; unchanged if not given.")
@click.option("--lon", type=FiniteRange(-180, 180), help="New longitude; unchanged if not given.")
@click.option("--bearing", type=FiniteRange(0, 360), help="New bearing, degrees clockwise from north.")
@click.option("--since", type=TIME, help="When it was moved; now if not given.")
@click.option("--replace-later", is_flag=True, help="Also where it was moved again later: that place is lost.")
@json_option
@click.pass_context
def move(
    ctx: click.Context,
    camera: str,
    lat: float | None,
    lon: float | None,
    bearing: float | None,
    since: datetime | None,
    replace_later: bool,
    as_json: bool,
) -> None:
    """Move or turn a camera from a time on; sightings before that keep the old place.

    Example: retrace cameras move c03 --bearing 270 --since 2026-05-04T12:00:00Z
    """
    from index.access.permissions import local_person
    from index.map.map_changes import move_camera
    from index.map.places import place_book

    archive = archive_of(ctx)
    changed = place_book(archive).changed(camera, lat=lat, lon=lon, bearing_deg=bearing)
    start = since or datetime.now(UTC)
    _show([move_camera(archive, local_person(), changed, start, replace_later=replace_later)], as_json)


@cameras.command()
@click.argument("camera")
@click.argument("file", type=PathParameter(), required=False)
@click.option("--since", type=TIME, help="From when the mask holds; always if not given.")
@click.option("--everywhere", is_flag=True, help="Remove the mask.")
@json_option
@click.pass_context
def mask(
    ctx: click.Context, camera: str, file: Path | None, since: datetime | None, everywhere: bool, as_json: bool
) -> None:
    """Set where in its picture CAMERA looks for vehicles, and where not; without FILE, print the mask.

    FILE has polygons in shares of the picture, from its top left. Sightings of earlier footage do not change.

    \b
    Example: echo '{"look": [[[0,0.4],[1,0.4],[1,1],[0,1]]], "ignore": [[[0.8,0],[1,0],[1,0.5]]]}' > mask.json
             retrace cameras mask c03 mask.json
    """  # noqa: D301
    from index.access.permissions import local_person
    from index.map.map_changes import mask_of, set_mask
    from index.map.mask_file import mask_document, read_mask
    from index.store.catalogue.cameras import ALWAYS
    from reid.scene.regions import Regions

    archive = archive_of(ctx)
    if everywhere and file is not None:
        raise click.UsageError("give either FILE or --everywhere")
    if everywhere or file is not None:
        regions = read_mask(file) if file is not None else Regions()
        _note_masks(camera, set_mask(archive, local_person(), camera, regions, since or ALWAYS))
    current = mask_of(archive, local_person(), camera)
    where = f"in {len(current.look)} regions" if current and current.look else "everywhere"
    ignored = f", {len(current.ignore)} regions apart" if current and current.ignore else ""
    show({"camera": camera, "mask": mask_document(current)}, as_json, [f"{camera} looks {where}{ignored}"])


@cameras.command()
@click.argument("camera")
@click.option("--ahead", "ahead_s", type=SECONDS, help="How far it is ahead of true time, as 192 or -4.5s.")
@click.option(
    "--within", "within_s", type=FiniteRange(0, 86_400), default=1.0, show_default=True, help="How sure, in seconds."
)
@click.option("--gains", "gains_s", type=SECONDS, help="What it gains in a day of its own, as 16 or -30s.")
@click.option("--at", type=TIME, help="When it was so far ahead, by itself; needed with --gains.")
@click.option("--from", "since", type=TIME, help="From when on; always if not given.")
@click.option("--unknown", is_flag=True, help="Take back what was said, so that it is estimated again.")
@json_option
@click.pass_context
def clock(
    ctx: click.Context,
    camera: str,
    ahead_s: float | None,
    within_s: float,
    gains_s: float | None,
    at: datetime | None,
    since: datetime | None,
    unknown: bool,
    as_json: bool,
) -> None:
    """Say how far the clock of CAMERA is ahead of true time; stored times stay, searches put them right.

    Said again for another time (--at), the two statements tell what it gains in between.

    \b
    Example: retrace cameras clock c03 --ahead 192s --at 2026-05-04T12:00:00Z
             retrace cameras clock c03 --ahead 208s --at 2026-05-05T12:00:00Z
    """  # noqa: D301
    from index.access.permissions import local_person
    from index.map.map_changes import clocks_after, clocks_of, forget_clock, set_clock
    from index.map.stated_clock import StatedClock, stated_offset
    from index.store.catalogue.cameras import ALWAYS

    if unknown == (ahead_s is not None):
        raise click.UsageError("say how far it is off: --ahead SECONDS (behind: negative), or --unknown")
    if gains_s is not None and at is None:
        raise click.UsageError("say when it was so far ahead by itself: --at TIME with --gains SECONDS")
    archive, person = archive_of(ctx), local_person()
    if ahead_s is None:
        forget_clock(archive, person, camera, since or ALWAYS)
    else:
        stated = StatedClock(camera, ahead_s, within_s, at, gains_s)
        before = next((known for known in clocks_of(archive, person) if known.camera == camera), None)
        offset = stated_offset(stated, before, since)
        replaced = clocks_after(archive, person, camera, offset.valid_from)
        set_clock(archive, person, offset)
        for one in replaced:
            note(f"this takes the place of what was known from {iso_time(one.valid_from)} on: {one.offset_s:+.1f} s")
    _show_clocks([known for known in clocks_of(archive, person) if known.camera == camera], as_json)


@cameras.command()
@json_option
@click.pass_context
def clocks(ctx: click.Context, as_json: bool) -> None:
    """List how far each camera's clock is ahead, between which bounds, since when, and who found it.

    Example: retrace cameras clocks
    """
    from index.access.permissions import local_person
    from index.map.map_changes import clocks_of

    _show_clocks(clocks_of(archive_of(ctx), local_person()), as_json)


def _show_clocks(known: "Sequence[ClockOffset]", as_json: bool) -> None:
    documents = [
        {
            "camera": clock.camera,
            "ahead_s": round(clock.offset_s, 2),
            "low_s": round(clock.low_s, 2),
            "high_s": round(clock.high_s, 2),
            "at": clock.at,
            "drift": round(clock.drift, 8),
            "drift_low": round(clock.drift_low, 8),
            "drift_high": round(clock.drift_high, 8),
            "from": clock.valid_from,
            "to": clock.valid_to,
            "source": clock.source,
            "evidence": clock.evidence or None,
        }
        for clock in known
    ]
    lines = [_clock_line(clock) for clock in known]
    show({"clocks": documents}, as_json, lines or ["nothing is known of any clock: searches allow for wrong ones"])


def _clock_line(clock: "ClockOffset") -> str:
    from index.store.catalogue.cameras import ALWAYS
    from ui.cli.lines import drift_words

    span = f"{clock.offset_s:+.1f} s, between {clock.low_s:+.1f} and {clock.high_s:+.1f} s"
    moment = f" at {iso_time(clock.at)}" if clock.at is not None and clock.drift else ""
    drift = drift_words(clock.drift, clock.drift_low, clock.drift_high)
    evidence = f" ({clock.evidence})" if clock.evidence else ""
    since = f", since {iso_time(clock.valid_from)}" if clock.valid_from > ALWAYS else ""
    return f"{clock.camera}  {span}{moment}{drift}, {_SOURCES.get(clock.source, clock.source)}{evidence}{since}"


def _show(
    stored: "Sequence[StoredCamera]",
    as_json: bool,
    moved: Mapping[str, datetime] = MappingProxyType({}),
    without_place: Sequence[str] = (),
) -> None:
    documents = [_document(camera) | {"moved_since": moved.get(camera.id)} for camera in stored]
    documents += [_nowhere(id_) | {"moved_since": moved.get(id_)} for id_ in without_place]
    nowhere = (f"{id_}  place unknown" for id_ in without_place)
    show({"cameras": documents}, as_json, [*_lines(stored, moved), *nowhere])


def _note_masks(camera: str, replaced: "Sequence[datetime]") -> None:
    for since in replaced:
        note(f"this takes the place of the mask that {camera} had from {iso_time(since)} on")


def _nowhere(id_: str) -> dict[str, object]:
    unknown = dict.fromkeys(("lat", "lon", "bearing", "edge", "snap_m"))
    return {"id": id_, **unknown, "views": []}


def _document(camera: "StoredCamera") -> dict[str, object]:
    views = [{"edge": view["edge"], "heading": view["heading_deg"]} for view in camera.views]
    return {
        "id": camera.id,
        "lat": camera.lat,
        "lon": camera.lon,
        "bearing": camera.bearing_deg,
        "edge": views[0]["edge"] if views else None,
        "snap_m": None if camera.snap_m is None else round(camera.snap_m, 2),
        "views": views,
    }


def _lines(stored: "Sequence[StoredCamera]", moved: Mapping[str, datetime]) -> Iterator[str]:
    for camera in stored:
        bearing = "bearing unknown" if camera.bearing_deg is None else f"bearing {camera.bearing_deg:.0f}"
        roads = f"{len(camera.views)} directed roads, {camera.snap_m:.1f} m away" if camera.views else "not on a road"
        suspected = f"  may have been moved by {iso_time(moved[camera.id])}" if camera.id in moved else ""
        yield f"{camera.id}  {camera.lat:.6f}, {camera.lon:.6f}  {bearing}  {roads}{suspected}"
