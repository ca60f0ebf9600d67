"""Measure how often a fixed camera is wrongly suspected of having been moved, and how often a moved one is detected.

    python -m benchmarks.moved_camera

Six rendered streets, each in every weather: all pairs of one street show the same view, whatever the light.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations

import cv2
import numpy as np

from benchmarks.claim import say
from reid.render.frames import FrameRenderer
from reid.render.light.weather import WEATHERS
from reid.render.scene import SiteOptions, make_site
from reid.scene.moved_camera import suspect_move
from reid.vehicle import Grey

SEEDS = range(301, 307)
WIDTH, HEIGHT, FILMED_WIDTH, FILMED_HEIGHT = 480, 270, 854, 480
EVERY = 4
"""Only every fourth pair is moved, to save time."""

MOVES: tuple[tuple[float, float, float], ...] = (
    *((1, 0, 0), (2, 0, 0), (3, 0, 0), (5, 2, 0), (10, 5, 0), (24, 12, 0)),
    *((0, 0, 0.5), (0, 0, 1), (0, 0, 2), (0, 0, 4)),
)
"""Pixels right and down in a picture 480 wide, and degrees about its middle."""


def main() -> None:
    """Print one line for fixed cameras, one for each move, and one for other streets."""
    scenes = {(seed, weather): scene(seed, weather) for seed in SEEDS for weather in WEATHERS}
    every_pair = list(combinations(scenes, 2))
    same = [pair for pair in every_pair if pair[0][0] == pair[1][0]]
    other = [pair for pair in every_pair if pair[0][0] != pair[1][0]][::EVERY]
    _say(
        "a camera that stands, by day, night, rain and fog", [suspect_move(*_two(scenes, *pair)) for pair in same], 0.0
    )
    for right, down, degrees in MOVES:
        pairs = [pair for pair in permutations(scenes, 2) if pair[0][0] == pair[1][0]][::EVERY]
        seen = [suspect_move(view(scenes[one]), view(scenes[two], right, down, degrees)) for one, two in pairs]
        _say(f"a camera moved by {right:g}, {down:g} of {WIDTH} px and turned by {degrees:g} degrees", seen, 1.0)
    _say("a camera that shows another street", [suspect_move(*_two(scenes, *pair)) for pair in other], 1.0)


def scene(seed: int, weather: str) -> Grey:
    """Return the empty scene of a camera."""
    kind = "overview" if seed % 2 else "plate"
    options = SiteOptions(FILMED_WIDTH, FILMED_HEIGHT, kind=kind, heading_deg=40.0 * (seed % 5), weather=weather)
    renderer = FrameRenderer(make_site(seed, options))
    pictures = [renderer.frame([], time_s).image for time_s in (0.0, 4.0, 9.0)]
    small = cv2.resize(np.median(pictures, axis=0).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def view(of: Grey, right_px: float = 0.0, down_px: float = 0.0, turned_deg: float = 0.0) -> Grey:
    """Return the middle of a scene as seen by a camera that was moved or turned."""
    transform = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turned_deg, 1.25)
    transform[:, 2] += np.array((right_px, down_px))
    return np.asarray(cv2.warpAffine(of, transform, (WIDTH, HEIGHT)), dtype=np.uint8)


def _two(scenes: Mapping[tuple[int, str], Grey], *names: tuple[int, str]) -> Iterator[Grey]:
    return (scenes[name] for name in names)


def _say(claim: str, moves: Sequence[object], right: float) -> None:
    suspected = float(np.mean([move is not None for move in moves]))
    say(
        f"{claim}: suspected, {len(moves)} pairs of scenes",
        value=suspected,
        unit="share",
        peer="what is right",
        peer_value=right,
        less_is_better=right == 0,
    )


if __name__ == "__main__":
    main()
