"""Keep the number of sightings of each camera, which would take longer to count with every one that is added."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select, update

from index.store.catalogue.digest_kinds import TOTALS
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import camera_totals, sightings


def change(connection: Connection, by: Mapping[str, int]) -> None:
    """Add to the numbers of cameras, always in one order, so that no two writers wait for each other."""
    for camera, number in sorted(by.items()):
        same = camera_totals.c.camera == camera
        more = update(camera_totals).where(same).values(sightings=camera_totals.c.sightings + number)
        with renewed(connection, TOTALS, [camera]):
            if connection.execute(more).rowcount == 0:
                connection.execute(camera_totals.insert().values(camera=camera, sightings=number))


def by_camera(connection: Connection) -> dict[str, int]:
    """Return the number of sightings of each camera that ever had one."""
    rows = connection.execute(select(camera_totals).order_by(camera_totals.c.camera))
    return {row.camera: row.sightings for row in rows}


def of_all(connection: Connection) -> int:
    """Return the number of sightings of all cameras together."""
    return int(connection.execute(select(func.coalesce(func.sum(camera_totals.c.sightings), 0))).scalar_one())


def problems(connection: Connection) -> list[str]:
    """Return a line for each camera that has not as many sightings as were written, by whoever may write to the rows.

    The number is written with the sightings: if it differs, rows were taken away, hidden or added by another program.
    """
    kept, counted = by_camera(connection), _counted(connection)
    cameras = sorted(camera for camera in {*kept, *counted} if kept.get(camera, 0) != counted.get(camera, 0))
    return [
        f"camera {camera}: {kept.get(camera, 0)} sightings were written, and there are {counted.get(camera, 0)}: "
        "restore a backup"
        for camera in cameras
    ]


def _counted(connection: Connection) -> dict[str, int]:
    rows = select(sightings.c.camera, func.count().label("number")).where(sightings.c.deleted_at.is_(None))
    return {row.camera: row.number for row in connection.execute(rows.group_by(sightings.c.camera))}
