"""Make the addresses under which the server gives pictures, frames and clips of the archive."""

from urllib.parse import quote, urlencode


def archive_url(
    kind: str, id_: str, *, shot: int | None = None, case: str | None = None, reason: str | None = None
) -> str:
    """Return the address of a picture, plate, frame or clip of a sighting, or of the last frame of a camera.

    Case and reason go with it into the audit.
    """
    part = "" if shot is None else f"/{shot}"
    named = {name: text for name, text in (("case", case), ("reason", reason)) if text}
    return f"/archive/{kind}/{quote(id_, safe='')}{part}" + (f"?{urlencode(named)}" if named else "")
