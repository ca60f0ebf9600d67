"""Import, list and move the cameras of an archive."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from ui.cli.answer import TIME, FiniteRange, archive_of, json_option, show, written

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

    A GeoJSON camera may have a property "mask", as `retrace cameras mask` reads it.

    Example: retrace cameras import cameras.geojson
    """
    from index.catalogue.cameras import ALWAYS
    from index.intake.mask_file import read_masks
    from index.office.access import local_person
    from index.office.mapwork import import_cameras, set_mask
    from roadgraph.camera_files import read_cameras

    archive = archive_of(ctx)
    stored, masks = read_cameras(file), read_masks(file)
    done = import_cameras(archive, local_person(), stored)
    for camera, regions in masks.items():
        set_mask(archive, local_person(), camera, regions, ALWAYS)
    _show(done, as_json)


@cameras.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the cameras and the roads they see.

    Example: retrace cameras list --json
    """
    from index.intake.camera_moves import moved_since

    archive = archive_of(ctx)
    _show(archive.place_book.cameras(), as_json, moved_since(archive))


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


@cameras.command()
@click.argument("camera")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--since", type=TIME, help="From when it holds; for all time where not given.")
@click.option("--everywhere", is_flag=True, help="Look at the whole picture again.")
@json_option
@click.pass_context
def mask(
    ctx: click.Context, camera: str, file: Path | None, since: datetime | None, everywhere: bool, as_json: bool
) -> None:
    """Say where in its picture CAMERA is to look for vehicles, and where not; without FILE, show what is said.

    FILE has polygons in shares of the picture, from its top left. Footage that is in already stays as it was seen.

    \b
    Example: echo '{"look": [[[0,0.4],[1,0.4],[1,1],[0,1]]], "ignore": [[[0.8,0],[1,0],[1,0.5]]]}' > mask.json
             retrace cameras mask c03 mask.json
    """  # noqa: D301
    from index.catalogue.cameras import ALWAYS
    from index.intake.mask_file import mask_document, read_mask
    from index.office.access import local_person
    from index.office.mapwork import mask_of, set_mask
    from reid.regions import Regions

    archive = archive_of(ctx)
    if everywhere and file is not None:
        raise click.UsageError("give either FILE or --everywhere")
    if everywhere or file is not None:
        regions = read_mask(file) if file is not None else Regions()
        set_mask(archive, local_person(), camera, regions, since or ALWAYS)
    now = mask_of(archive, local_person(), camera)
    where = f"in {len(now.look)} regions" if now and now.look else "everywhere"
    apart = f", {len(now.ignore)} regions apart" if now and now.ignore else ""
    show({"camera": camera, "mask": mask_document(now)}, as_json, [f"{camera} looks {where}{apart}"])


def _show(
    stored: "Sequence[StoredCamera]", as_json: bool, moved: Mapping[str, datetime] = MappingProxyType({})
) -> None:
    documents = [_document(camera) | {"moved_since": moved.get(camera.id)} for camera in stored]
    show({"cameras": documents}, as_json, _lines(stored, moved))


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
        suspected = f"  may have been moved by {written(moved[camera.id])}" if camera.id in moved else ""
        yield f"{camera.id}  {camera.lat:.6f}, {camera.lon:.6f}  {bearing}  {roads}{suspected}"
