"""Pack the points of a track into bytes, 33 a point, and unpack them."""

from collections.abc import Sequence

import numpy as np

from reid.vehicle import VEHICLE_TYPES, Box, TrackPoint

_LABELS = (None, *VEHICLE_TYPES, "bicycle")
_NUMBER_OF = {label: number for number, label in enumerate(_LABELS)}
_POINT = np.dtype(
    [("frame", "<i4"), ("time_s", "<f8"), ("box", "<f4", (4,)), ("score", "<f4"), ("label", "u1")],
)


def pack(points: Sequence[TrackPoint]) -> bytes | None:
    """Return the points as bytes; None for none."""
    if not points:
        return None
    packed = np.empty(len(points), _POINT)
    packed["frame"] = [point.frame for point in points]
    packed["time_s"] = [point.time_s for point in points]
    packed["box"] = [(p.box.x, p.box.y, p.box.width, p.box.height) for p in points]
    packed["score"] = [point.score for point in points]
    packed["label"] = [_NUMBER_OF[point.label] for point in points]
    return packed.tobytes()


def unpack(data: bytes | None) -> tuple[TrackPoint, ...]:
    """Return the points that `pack` made into bytes."""
    if data is None:
        return ()
    packed = np.frombuffer(data, _POINT)
    return tuple(
        TrackPoint(frame=frame, time_s=time_s, box=Box(*box), score=score, label=_LABELS[label])
        for frame, time_s, box, score, label in zip(
            packed["frame"].tolist(),
            packed["time_s"].tolist(),
            packed["box"].tolist(),
            packed["score"].tolist(),
            packed["label"].tolist(),
            strict=True,
        )
    )
