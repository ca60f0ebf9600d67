"""Say how hard a city is: light, twins, plates and clocks."""

from collections.abc import Mapping
from dataclasses import dataclass

from index.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Preset:
    """Shares are of vehicles, those of near and cloned plates of the twins.

    Unreadable plates are covered, absent ones are not there; dirty ones come besides and can be read now and then.
    `weathers` are as likely as they are often named, `clock_error_s` is the largest;
    `shake_share` (masts in the wind) and `outage_share` are of cameras. Frames come up to about `wander_s` early or
    late (a spread), and `dropped_share` of them never.
    """

    weathers: tuple[str, ...]
    twin_share: float
    unreadable_share: float
    dirty_share: float
    absent_share: float
    near_plate_share: float
    cloned_share: float
    clock_error_s: float
    shake_share: float
    outage_share: float
    wander_s: float
    dropped_share: float
    jams: int
    detour_share: float


PRESETS: Mapping[str, Preset] = {
    "easy": Preset(
        weathers=("sun", "cloud"),
        twin_share=0.05,
        unreadable_share=0.03,
        dirty_share=0.02,
        absent_share=0.0,
        near_plate_share=0.0,
        cloned_share=0.0,
        clock_error_s=0.0,
        shake_share=0.0,
        outage_share=0.0,
        wander_s=0.001,
        dropped_share=0.0,
        jams=0,
        detour_share=0.05,
    ),
    "normal": Preset(
        weathers=("sun", "sun", "cloud", "low sun", "dusk", "rain"),
        twin_share=0.2,
        unreadable_share=0.22,
        dirty_share=0.1,
        absent_share=0.08,
        near_plate_share=0.2,
        cloned_share=0.0,
        clock_error_s=5.0,
        shake_share=0.0,
        outage_share=0.0,
        wander_s=0.003,
        dropped_share=0.002,
        jams=1,
        detour_share=0.08,
    ),
    "hard": Preset(
        weathers=("night", "rain", "night", "fog", "dusk"),
        twin_share=0.5,
        unreadable_share=0.45,
        dirty_share=0.15,
        absent_share=0.15,
        near_plate_share=0.3,
        cloned_share=0.1,
        clock_error_s=60.0,
        shake_share=0.3,
        outage_share=0.25,
        wander_s=0.010,
        dropped_share=0.02,
        jams=4,
        detour_share=0.25,
    ),
}


def preset_named(name: str) -> Preset:
    """Return the preset, or say which there are."""
    if name not in PRESETS:
        raise ArchiveError(f"there is no preset {name!r}: choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
