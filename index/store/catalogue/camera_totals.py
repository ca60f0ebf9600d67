"""Keep the number of sightings of each camera, which would take longer to count with every one that is added."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select, update

from index.store.catalogue import row_digests
from index.store.catalogue.digest_kinds import TOTALS
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import camera_totals, cameras, sightings


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


def rebuild(connection: Connection) -> None:
    """Count all sightings anew."""
    connection.execute(camera_totals.delete())
    for camera, number in _counted(connection).items():
        connection.execute(camera_totals.insert().values(camera=camera, sightings=number))
    row_digests.renew(connection, TOTALS, connection.execute(select(cameras.c.id)).scalars().all())


def problems(connection: Connection) -> list[str]:
    """Return a line if the numbers are not those of the sightings."""
    kept = {camera: number for camera, number in by_camera(connection).items() if number}
    if kept == _counted(connection):
        return []
    return ["sightings: the number kept for each camera is wrong: run retrace rebuild"]


def _counted(connection: Connection) -> dict[str, int]:
    rows = select(sightings.c.camera, func.count().label("number")).where(sightings.c.deleted_at.is_(None))
    return {row.camera: row.number for row in connection.execute(rows.group_by(sightings.c.camera))}
