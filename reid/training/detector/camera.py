"""Show a moment as another camera would: its light, its colours, its lens, its grain and its compression."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.training.detector.look import Look

_GREY = np.array([[0.299, 0.587, 0.114]] * 3)


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """How often a camera is grey, out of focus, grainy, or compresses much."""

    grey_share: float = 0.06
    blur_share: float = 0.3
    noise_share: float = 0.35
    jpeg_share: float = 0.5


def as_another_camera(look: Look, options: CameraOptions, rng: np.random.Generator) -> Look:
    """Change exposure, contrast, white balance and saturation of the camera, and the grain of each picture."""
    level = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.uniform(-0.4, 0.4))
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08, 3))
    lift = rng.uniform(-0.06, 0.12)
    curve = np.clip((level * (1 - lift) + lift) * gain, 0, 1)
    keep = 0.0 if rng.random() < options.grey_share else rng.uniform(0.4, 1.3)
    mix = keep * np.eye(3) + (1 - keep) * _GREY
    table = np.rint(curve * 255).astype(np.uint8)[None]
    picture, empty = (cv2.transform(cv2.LUT(part, table), mix) for part in (look.picture, look.empty))
    before = cv2.LUT(look.before, np.rint(curve @ _GREY[0] * 255).astype(np.uint8))
    steepness = float(np.clip(np.median(np.gradient(curve.mean(axis=1))) * 255, 0.5, 2.0))
    wavering = np.asarray(cv2.convertScaleAbs(look.wavering, alpha=steepness), dtype=np.uint8)
    return _recorded(Look(_bytes(picture), _bytes(before), _bytes(empty), wavering), options, rng)


def _recorded(look: Look, options: CameraOptions, rng: np.random.Generator) -> Look:
    """Blur, roughen and compress the pictures as one camera would."""
    picture, before, empty = look.picture, look.before, look.empty
    if rng.random() < options.blur_share:
        spread = float(rng.uniform(0.4, 1.6))
        picture, before, empty = (_bytes(cv2.GaussianBlur(part, (0, 0), spread)) for part in (picture, before, empty))
    if rng.random() < options.noise_share:
        strength = float(rng.uniform(1, 9))
        picture, before = _grainy(picture, strength, rng), _grainy(before, strength, rng)
    if rng.random() < options.jpeg_share:
        quality = int(rng.integers(30, 92))
        picture, before, empty = (_compressed(part, quality) for part in (picture, before, empty))
    return Look(picture, before, empty, look.wavering)


def _grainy(picture: npt.NDArray[np.uint8], strength: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    grain = rng.integers(-128, 128, picture.shape, dtype=np.int8).astype(np.float32) * (strength / 74)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def _compressed(picture: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        return picture
    return _bytes(cv2.imdecode(data, cv2.IMREAD_COLOR if picture.ndim == 3 else cv2.IMREAD_GRAYSCALE))


def _bytes(picture: object) -> npt.NDArray[np.uint8]:
    return np.asarray(picture, dtype=np.uint8)
