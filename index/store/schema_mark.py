"""Keep in the folder of an archive which schema its catalogue has reached.

Whoever may write to the database alone could else edit rows that an older schema had no digests of, say that the
catalogue is of that schema, and have the next opening seal the edit.
"""

from contextlib import suppress

from index.errors import ArchiveError
from index.store.archive_file import ArchiveFile, is_at_home, small_text, write_text
from index.store.catalogue import Catalogue, schema

FILE = "schema.reached"


def check_reached(file: ArchiveFile, catalogue: Catalogue) -> None:
    """Refuse a catalogue of an older schema than this archive has had."""
    reached = _reached(file)
    if reached > (schema.schema_version(catalogue) or ""):
        raise ArchiveError(
            f"{catalogue.name} says that it is older than {file.folder / FILE} says ({reached}): restore it from a "
            "backup; if you put back an older one yourself, move that file away"
        )


def keep_reached(file: ArchiveFile) -> None:
    """Write that the catalogue has the newest schema, where that is not written yet and the folder takes it."""
    if _reached(file) < schema.HEAD and is_at_home(file):
        # On a full disk, or a medium that may only be read, the next opening tries again.
        with suppress(OSError):
            write_text(file.folder / FILE, f"{schema.HEAD}\n")


def _reached(file: ArchiveFile) -> str:
    """Return the schema that was reached, an empty text where nothing tells it."""
    try:
        found = small_text(file.folder / FILE).strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return found if found.isdecimal() else ""
