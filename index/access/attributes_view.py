"""Tell the marks of sightings by the vectors that the archive keeps of them."""

from collections.abc import Sequence

from index.access.permissions import Permission, require
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import models, vectors
from index.store.catalogue.people import Person
from reid.appearance.marks import NamedAttributes, installed_attributes, side_px
from reid.arrays import Floats32


def named_attributes(archive: Archive, found: Sequence[Sighting], person: Person) -> dict[str, NamedAttributes]:
    """Return the attributes by sighting; none of those that the model they were fitted on has not described."""
    require(archive, person, Permission.SEE)
    network = installed_attributes()
    if network is None or not found:
        return {}
    with archive.catalogue.reading() as connection:
        if not any(model.id == network.appearance_model for model in models.listing(connection, "appearance")):
            return {}
        stored = vectors.of_sightings(connection, network.appearance_model, [one.id for one in found])
    return {
        one.id: network.tell(stored[one.id], side_px(_sizes(one, stored[one.id])), one.attributes.types)
        for one in found
        if one.id in stored
    }


def _sizes(sighting: Sighting, matrix: Floats32) -> list[tuple[float, float]]:
    """Return width and height of the picture of each vector: a vector belongs to a shot, by their order."""
    boxes = [shot.box for shot in sighting.shots]
    if len(boxes) != len(matrix):
        boxes = [sighting.box] * len(matrix)
    return [(box.width, box.height) for box in boxes]
