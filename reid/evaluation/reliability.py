"""Draw how often what was called so probable is true, as a picture for a model card."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Image

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 15
_SIDE_PX, _MARGIN_PX = 360, 56
_GREY, _BLUE, _INK = (205, 205, 205), (36, 96, 180), (40, 40, 40)


def reliability_picture(probabilities: Numbers, truth: Flags, title: str) -> Image:
    """Return a picture: for BINS bins of equal mass the mean probability (across) and the share that is true (up).

    A bar spans the 95 % interval of the share (Wilson, 1927); what is calibrated lies on the diagonal.
    """
    side = _SIDE_PX + 2 * _MARGIN_PX
    canvas = np.full((side, side, 3), 255, np.uint8)
    _axes(canvas, title)
    order = np.argsort(probabilities, kind="stable")
    for rows in np.array_split(order, min(BINS, len(order))):
        said, true = float(probabilities[rows].mean()), float(truth[rows].mean())
        low, high = _wilson(true, len(rows))
        cv2.line(canvas, _place(said, low), _place(said, high), _BLUE, 1, cv2.LINE_AA)
        cv2.circle(canvas, _place(said, true), 4, _BLUE, -1, cv2.LINE_AA)
    return canvas


def _axes(canvas: Image, title: str) -> None:
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        cv2.line(canvas, _place(tick, 0), _place(tick, 1), _GREY, 1)
        cv2.line(canvas, _place(0, tick), _place(1, tick), _GREY, 1)
        x, y = _place(tick, 0)
        _write(canvas, f"{tick:.1f}", (x - 11, y + 18))
        x, y = _place(0, tick)
        _write(canvas, f"{tick:.1f}", (x - 32, y + 4))
    cv2.line(canvas, _place(0, 0), _place(1, 1), _INK, 1, cv2.LINE_AA)
    _write(canvas, title, (_MARGIN_PX, _MARGIN_PX - 24))
    _write(
        canvas, "across: probability that was given; up: share that is true", (_MARGIN_PX - 20, canvas.shape[0] - 14)
    )


def _place(x: float, y: float) -> tuple[int, int]:
    return round(_MARGIN_PX + x * _SIDE_PX), round(_MARGIN_PX + (1 - y) * _SIDE_PX)


def _write(canvas: Image, words: str, place: tuple[int, int]) -> None:
    cv2.putText(canvas, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, _INK, 1, cv2.LINE_AA)


def _wilson(share: float, count: int) -> tuple[float, float]:
    z = 1.96
    middle = share + z * z / (2 * count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return float((middle - reach) / (1 + z * z / count)), float((middle + reach) / (1 + z * z / count))
