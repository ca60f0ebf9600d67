"""Samples of tracking for tests."""

from index.simulation.crops.tracking_samples import (
    PassageLook,
    PassageSample,
    SamplesOrigin,
    TrackingSamples,
    TrackSample,
)

WHOLE = TrackSample(0.0, 1.0, 0.8, ((0.02, 0.0, -0.02, 0.0), (0.0, 0.03, 0.0, 0.0)))
HALF = TrackSample(0.0, 1.0, 0.6, ((0.0, 0.0, -0.6, 0.0),))


def samples(*passages: PassageSample, phantoms: dict[str, tuple[TrackSample, ...]] | None = None) -> TrackingSamples:
    return TrackingSamples(passages, phantoms or {}, SamplesOrigin("2026-11-29", (1,), ("detector-1",)))


def sample(
    height_px: float, *tracks: TrackSample, hidden: float = 0.0, light: str = "day", near: float = 0.5
) -> PassageSample:
    return PassageSample(PassageLook(height_px, hidden, light, near), tracks)
