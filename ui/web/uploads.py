"""Keep the pictures that visitors bring in the memory of the server, by their SHA-256, within a limit."""

import hashlib
import threading
from collections import OrderedDict
from functools import lru_cache

from reid.errors import SeeingError
from reid.images import check_shows_vehicle, crop, decode_image
from reid.photo_origin import PhotoOrigin, origin_of
from reid.vehicle import Image
from ui.web.question import PicturePart

MOST_BYTES = 300_000_000
"""The oldest pictures are forgotten beyond this; a link to a forgotten one asks for it again."""

_kept: OrderedDict[str, bytes] = OrderedDict()
_changing = threading.Lock()


def keep(data: bytes, name: str) -> str:
    """Keep a picture and return its SHA-256; SeeingError says why it cannot be one."""
    check_shows_vehicle(decode_image(data, name), name)
    sha256 = hashlib.sha256(data).hexdigest()
    with _changing:
        _kept[sha256] = data
        _kept.move_to_end(sha256)
        while sum(len(kept) for kept in _kept.values()) > MOST_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    return sha256


def is_kept(sha256: str) -> bool:
    """Tell whether a picture is still here."""
    return sha256 in _kept


def pixels(part: PicturePart) -> Image:
    """Return the vehicle in a picture; SeeingError where the picture is gone or the box too small."""
    whole = whole_picture(part.sha256)
    if part.box is None:
        return whole
    cut = crop(whole, part.box)
    check_shows_vehicle(cut, "the cut")
    return cut


@lru_cache(maxsize=64)
def origin(sha256: str) -> PhotoOrigin:
    """Return when and where a kept picture was taken, as far as it tells."""
    with _changing:
        data = _kept.get(sha256)
    return PhotoOrigin() if data is None else origin_of(data)


@lru_cache(maxsize=8)
def whole_picture(sha256: str) -> Image:
    """Return the pixels of a kept picture."""
    with _changing:
        data = _kept.get(sha256)
    if data is None:
        raise SeeingError("the picture of this link is no longer here: drop it again")
    return decode_image(data, "the picture")
