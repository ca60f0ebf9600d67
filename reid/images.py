"""Read, cut and write pictures as RGB arrays."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from reid.errors import SeeingError
from reid.vehicle import Box, Image

MAX_PIXELS = 64_000_000
"""A larger picture is refused before it is decoded: it would take more than a gigabyte."""

MAX_BYTES = 1 << 29
"""A larger file is no picture, and would fill the memory before it is known as none."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""What a picture may be, whatever its name says: other decoders of Pillow start programs or have had holes."""

UNREADABLE = (
    *(OSError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, EOFError),
    *(MemoryError, RuntimeError, struct.error, zlib.error, Pictures.DecompressionBombError),
)
"""What Pillow raises when it is given bytes of any kind."""

LEAST_PX = 16
"""A vehicle smaller than this, in either direction, shows too little to compare."""

FLAT = 3.0
"""A picture whose brightness deviates less than this, in grey levels, shows one colour and nothing else."""

JPEG_QUALITY = 92


def read_image(path: Path) -> Image:
    """Read a picture file, turned upright as its EXIF data says."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise SeeingError(f"{path} is a pipe or a device: give a picture file")
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise SeeingError(f"{path} has {path.stat().st_size / 1e6:,.0f} MB, which no picture has: give JPEG or PNG")
    data = path.read_bytes()
    if not data:
        raise SeeingError(f"{path} is empty: give a picture (JPEG, PNG, WebP, BMP or TIFF)")
    return decode_image(data, str(path))


def decode_image(data: bytes, name: str) -> Image:
    """Decode the bytes of a picture; `name` is what an error calls it."""
    try:
        with warnings.catch_warnings():
            # Size is checked below; damage that Pillow reads past, as in EXIF data, is no news to anybody.
            warnings.simplefilter("ignore")
            picture = Pictures.open(io.BytesIO(data), formats=FORMATS)
            _refuse_huge(picture, name)
            return np.array(_upright_rgb(picture), dtype=np.uint8)
    except SeeingError:
        raise
    except UnidentifiedImageError:
        raise SeeingError(f"{name} is not a picture: give JPEG, PNG, WebP, BMP or TIFF") from None
    except UNREADABLE as error:
        raise SeeingError(f"{name} cannot be decoded ({error}): save it again as JPEG or PNG") from None


def check_shows_vehicle(image: Image, name: str) -> None:
    """Raise SeeingError where a picture is too small to show a vehicle, or flat; `name` is what the error calls it."""
    height, width = image.shape[:2]
    if min(height, width) < LEAST_PX:
        raise SeeingError(
            f"{name} is {width} x {height} pixels, too small to compare: at least {LEAST_PX} in both directions"
        )
    if float(np.std(image.mean(axis=2))) < FLAT:
        raise SeeingError(f"{name} shows a single colour and no vehicle: choose another picture")


def crop(image: Image, box: Box) -> Image:
    """Return a copy of the pixels of `box`, cut to the picture."""
    height, width = image.shape[:2]
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = min(width, round(box.x + box.width)), min(height, round(box.y + box.height))
    if right <= left or bottom <= top:
        raise SeeingError(
            f"box {box.x:g},{box.y:g},{box.width:g},{box.height:g} holds no pixel of the {width}x{height} picture: "
            "give x,y,width,height inside it"
        )
    return image[top:bottom, left:right].copy()


def resize_to_fit(image: Image, max_side_px: int) -> Image:
    """Return the picture shrunk so that its longer side is `max_side_px` at most; never enlarged."""
    height, width = image.shape[:2]
    scale = max_side_px / max(height, width)
    if scale >= 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def sharpness(image: Image) -> float:
    """Return the variance of the Laplacian at a fixed width, so that large and small crops compare."""
    small = resize_to_fit(image, 128)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def encode_jpeg(image: Image, quality: int = JPEG_QUALITY) -> bytes:
    """Return the picture as JPEG bytes, the same for the same pixels."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise SeeingError(f"a picture of shape {image.shape} cannot be written as JPEG: it must be (h, w, 3)")
    return bytes(data.tobytes())


def encode_grey(image: npt.NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """Return a grey picture (h, w) as JPEG bytes."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise SeeingError(f"a picture of shape {image.shape} cannot be written as JPEG: it must be (h, w)")
    return bytes(data.tobytes())


def encode_png(image: Image) -> bytes:
    """Return the picture as PNG bytes, without loss."""
    done, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise SeeingError(f"a picture of shape {image.shape} cannot be written as PNG: it must be (h, w, 3)")
    return bytes(data.tobytes())


def decode_jpeg(data: bytes) -> Image:
    """Return the pixels of JPEG bytes; nothing of another kind, or of too many pixels, reaches OpenCV."""
    is_jpeg = _is_jpeg_of_usual_size(data)
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR) if is_jpeg else None
    if pixels is None:
        raise SeeingError(f"{len(data)} bytes are not a JPEG: the stored picture is damaged, run `retrace verify`")
    rgb: npt.NDArray[np.uint8] = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return rgb


def decode_grey(data: bytes) -> npt.NDArray[np.uint8]:
    """Return the brightness (h, w) of JPEG bytes."""
    return np.asarray(cv2.cvtColor(decode_jpeg(data), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def stay_on_one_thread() -> None:
    """Make OpenCV work on the calling thread alone."""
    cv2.setNumThreads(1)


def _is_jpeg_of_usual_size(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Pictures.open(io.BytesIO(data), formats=("JPEG",))
    except UNREADABLE:
        return False
    return picture.width * picture.height <= MAX_PIXELS


def _refuse_huge(picture: Pictures.Image, name: str) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise SeeingError(
            f"{name} is {picture.width}x{picture.height} pixels, more than {MAX_PIXELS // 1_000_000} million: "
            "cut out the vehicle or scale the picture down"
        )


def _upright(picture: Pictures.Image) -> Pictures.Image:
    """Turn the picture by its EXIF data; where they cannot be written again, which Pillow does then, it stays."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except UNREADABLE:
        return picture


def _upright_rgb(picture: Pictures.Image) -> Pictures.Image:
    """Turn the picture by its EXIF data; transparent parts become white."""
    upright = _upright(picture)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layered = upright if upright.mode == "RGBA" else upright.convert("RGBA")
        white = Pictures.new("RGB", layered.size, (255, 255, 255))
        white.paste(layered, mask=layered)
        return white
    return upright.convert("RGB")
