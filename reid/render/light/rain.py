"""Let it rain: streaks across the picture, from a few tiles drawn once."""

import cv2
import numpy as np

from reid.render.light.sensor import Picture

_TILES = 4


class Rain:
    """Adds falling rain to frames; `strength` 0 adds nothing."""

    def __init__(self, strength: float, width: int, height: int, seed: int) -> None:
        self._seed = seed
        rng = np.random.default_rng([seed, 95])
        self._tiles = [_streaks(strength, width, height, rng) for _ in range(_TILES if strength > 0 else 0)]

    def add(self, frame: Picture, number: int) -> None:
        """Add its rain to a frame; `number` chooses it; changes the frame."""
        if self._tiles:
            tile = self._tiles[int(np.random.default_rng([self._seed, 96, number]).integers(len(self._tiles)))]
            cv2.add(frame, tile, dst=frame)


def _streaks(strength: float, width: int, height: int, rng: np.random.Generator) -> Picture:
    """Return the light of streaks on black."""
    tile = np.zeros((height, width), np.uint8)
    slant = float(rng.uniform(-0.15, 0.15))
    for _ in range(int(260 * strength)):
        x, y, length = rng.uniform(0, width), rng.uniform(-20, height), rng.uniform(0.012, 0.06) * height
        end = (round(x + slant * length), round(y + length))
        cv2.line(tile, (round(x), round(y)), end, int(rng.integers(14, 46)), 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(tile, (3, 3), 0.7)
    return np.asarray(cv2.merge([soft, soft, soft]), np.uint8)
