"""Import, list and move the cameras of an archive."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import TIME, FiniteRange, archive_of, json_option, show

if TYPE_CHECKING:
    from index.catalogue.cameras import StoredCamera


@click.group()
def cameras() -> None:
    """Import, list and move cameras."""


@cameras.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Add cameras from GeoJSON points or CSV (id,lat,lon,bearing), and put them on the roads.

    Example: retrace cameras import cameras.geojson
    """
    from index.office.access import local_person
    from index.office.mapwork import import_cameras
    from roadgraph.camera_files import read_cameras

    _show(import_cameras(archive_of(ctx), local_person(), read_cameras(file)), as_json)


@cameras.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the cameras and the roads they see.

    Example: retrace cameras list --json
    """
    _show(archive_of(ctx).place_book.cameras(), as_json)


@cameras.command()
@click.argument("camera")
@click.option("--lat", type=FiniteRange(-90, 90), help="Its new latitude; unchanged where not given.")
@click.option("--lon", type=FiniteRange(-180, 180), help="Its new longitude; unchanged where not given.")
@click.option("--bearing", type=FiniteRange(0, 360), help="Its new bearing, clockwise from north.")
@click.option("--since", type=TIME, help="From when it stands there; now where not given.")
@json_option
@click.pass_context
def move(
    ctx: click.Context,
    camera: str,
    lat: float | None,
    lon: float | None,
    bearing: float | None,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Put a camera elsewhere, or turn it, from a time on; what it saw before keeps the old place.

    Example: retrace cameras move c03 --bearing 270 --since 2026-05-04T12:00:00Z
    """
    from index.office.access import local_person
    from index.office.mapwork import move_camera

    archive = archive_of(ctx)
    changed = archive.place_book.changed(camera, lat=lat, lon=lon, bearing_deg=bearing)
    _show([move_camera(archive, local_person(), changed, since or datetime.now(UTC))], as_json)


def _show(stored: "Sequence[StoredCamera]", as_json: bool) -> None:
    show({"cameras": [_document(camera) for camera in stored]}, as_json, _lines(stored))


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


def _lines(stored: "Sequence[StoredCamera]") -> Iterator[str]:
    for camera in stored:
        bearing = "bearing unknown" if camera.bearing_deg is None else f"bearing {camera.bearing_deg:.0f}"
        roads = f"{len(camera.views)} directed roads, {camera.snap_m:.1f} m away" if camera.views else "not on a road"
        yield f"{camera.id}  {camera.lat:.6f}, {camera.lon:.6f}  {bearing}  {roads}"
