"""Keep the driving times between cameras in a file beside the catalogue, sealed: what was edited is made again."""

import logging
from pathlib import Path

from index.store.catalogue.database import Catalogue
from index.store.catalogue.digests import digest_of
from roadgraph.camera_times import CameraTimes
from roadgraph.errors import RoadError

_log = logging.getLogger(__name__)


def read_times(path: Path, catalogue: Catalogue, *, roads: str) -> CameraTimes | None:
    """Return the stored times, None where they are missing, damaged, of other roads, or not those that were written."""
    try:
        times = CameraTimes.load(path)
    except (OSError, RoadError):
        return None
    return times if times.roads == roads and is_sealed(times, catalogue) else None


def write_times(path: Path, times: CameraTimes, catalogue: Catalogue) -> None:
    """Write times that can be made again, sealed with the key of the archive; where nobody may write, say so."""
    try:
        times.save(path, seal=_seal(times, catalogue) or "")
    except OSError as error:
        _log.warning("driving times between cameras are held in memory, %s cannot be written: %s", path, error)


def is_sealed(times: CameraTimes, catalogue: Catalogue) -> bool:
    """Return whether this archive wrote the times; where the key of its digests is gone, nobody can tell."""
    return bool(times.seal) and times.seal == _seal(times, catalogue)


def _seal(times: CameraTimes, catalogue: Catalogue) -> str | None:
    key = catalogue.key
    return None if key is None else digest_of(key, "driving times", times.fingerprint).hex()
