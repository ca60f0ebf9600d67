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

MOST_DECODED_BYTES = 600_000_000
"""So much of decoded pictures is kept: six of 33 million pixels, so that no redraw decodes any again."""

_kept: OrderedDict[str, bytes] = OrderedDict()
_decoded: OrderedDict[str, Image] = OrderedDict()
_changing = threading.Lock()


def keep(data: bytes, name: str) -> str:
    """Keep a picture and return its SHA-256; SeeingError says why it cannot be one."""
    sha256 = hashlib.sha256(data).hexdigest()
    if not is_kept(sha256):
        image = decode_image(data, name)
        check_shows_vehicle(image, name)
        _remember(sha256, image)
    with _changing:
        _kept[sha256] = data
        _kept.move_to_end(sha256)
        while sum(map(len, _kept.values())) > MOST_BYTES and len(_kept) > 1:
            forgotten, _ = _kept.popitem(last=False)
            _decoded.pop(forgotten, None)
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


def checked_size(part: PicturePart) -> tuple[int, int]:
    """Return the width and height of a picture whose part shows something; SeeingError where it is gone or does not."""
    _data(part.sha256)
    return _checked_size(part)


@lru_cache(maxsize=64)
def origin(sha256: str) -> PhotoOrigin:
    """Return when and where a kept picture was taken, as far as it tells."""
    with _changing:
        data = _kept.get(sha256)
    return PhotoOrigin() if data is None else origin_of(data)


def whole_picture(sha256: str) -> Image:
    """Return the pixels of a kept picture, decoded once while there is room."""
    data = _data(sha256)
    with _changing:
        image = _decoded.get(sha256)
    if image is None:
        image = decode_image(data, "the picture")
    _remember(sha256, image)
    return image


@lru_cache(maxsize=256)
def _checked_size(part: PicturePart) -> tuple[int, int]:
    """Keep the answer for as long as a visit may last: pixels of very large pictures are given up earlier."""
    height, width = whole_picture(part.sha256).shape[:2]
    pixels(part)
    return width, height


def _data(sha256: str) -> bytes:
    with _changing:
        data = _kept.get(sha256)
    if data is None:
        raise SeeingError("the picture of this link is no longer here: drop it again")
    return data


def _remember(sha256: str, image: Image) -> None:
    """Keep decoded pixels, the ones looked at last, within the limit."""
    with _changing:
        _decoded[sha256] = image
        _decoded.move_to_end(sha256)
        while sum(one.nbytes for one in _decoded.values()) > MOST_DECODED_BYTES and len(_decoded) > 1:
            _decoded.popitem(last=False)
