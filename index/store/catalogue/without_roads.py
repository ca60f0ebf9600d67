"""Take from a catalogue what a road map told it: views of cameras, roads of sightings; or the places of cameras too."""

from index.store.catalogue import Connection, row_digests, sighting_digests
from index.store.catalogue.about import mark_changed
from index.store.catalogue.cameras import PLACES
from index.store.catalogue.clocks import CLOCKS
from index.store.catalogue.models import DRIVING
from index.store.catalogue.tables import calibrations, camera_places, clock_offsets, sightings, travel_times


def forget_roads(connection: Connection) -> None:
    """Forget which roads cameras see and vehicles took, and all that was learned by them: times and clocks."""
    connection.execute(camera_places.update().values(views=[], snap_m=None))
    connection.execute(sightings.update().where(sightings.c.edge.is_not(None)).values(edge=None))
    connection.execute(travel_times.delete())
    connection.execute(calibrations.delete().where(calibrations.c.kind == DRIVING))
    connection.execute(clock_offsets.delete())
    _mark_changed(connection)


def forget_places(connection: Connection) -> None:
    """Forget where the cameras stand, so that only their names are left."""
    forget_roads(connection)
    connection.execute(camera_places.delete())
    _mark_changed(connection)


def _mark_changed(connection: Connection) -> None:
    """Tell whoever remembers places and clocks, and make the digests of what is left."""
    for what in (PLACES, CLOCKS):
        mark_changed(connection, what)
    sighting_digests.make_all(connection)
    row_digests.make_all(connection)
