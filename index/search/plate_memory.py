"""Keep the features of plates between questions: they belong to a sighting, whatever is asked about it."""

from collections.abc import Sequence

from index.search.target import plate_pictures
from index.store.archive import Archive
from index.store.catalogue.plates import PlateShot
from reid.plates.verify import PlateAppearance, Verifier

_Key = tuple[str, str, tuple[PlateShot, ...]]


class PlateMemory:
    """Remembers the features of each sighting's plate, for a caller who asks many questions of archives that rest."""

    def __init__(self) -> None:
        self._looks: dict[_Key, PlateAppearance | None] = {}

    def looks(self, archive: Archive, verifier: Verifier, shots: Sequence[PlateShot]) -> PlateAppearance | None:
        """Return the features of the pictures of a plate, read once; None if no picture can be read."""
        key = (str(archive.path), verifier.model_id, tuple(shots))
        if key not in self._looks:
            self._looks[key] = looks_of(archive, verifier, shots)
        return self._looks[key]


def looks_of(archive: Archive, verifier: Verifier, shots: Sequence[PlateShot]) -> PlateAppearance | None:
    """Return the features of the pictures of a plate; None if no picture can be read."""
    pictures = plate_pictures(archive, shots)
    return verifier.appearance(pictures) if pictures else None
