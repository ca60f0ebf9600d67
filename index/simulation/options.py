"""Say what city to make and how hard it is, and keep the record of that in the city's folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from index.errors import ArchiveError
from index.simulation.csv_rows import iso

FIRST_PUBLISHED_SEED = 10_000
"""Cities from this seed on are for published figures; nothing is ever fitted on them."""
RECORD_FILE = "truth/city.json"
TRAFFIC = ("light", "counted")


@dataclass(frozen=True, slots=True)
class CityOptions:
    """What city to make; without `roads` a town is generated too.

    Every clock gains or loses up to `drift_s_per_day`, and a share `wrong_rates` of the cameras, which lie about their
    rate of frames, up to `rate_error` of their time; cities with video keep all rates.
    `traffic` is one of TRAFFIC: light as in the cities that calibrations are fitted on, or as slow as counted traffic.
    A generated town has blocks `block_scale` times as long as usual.
    """

    seed: int = 1
    cameras: int = 4
    vehicles: int = 110
    minutes: float = 3.0
    fps: float = 12.0
    width: int = 1280
    height: int = 720
    preset: str = "normal"
    roads: Path | None = None
    wrong_rates: float = 0.0
    rate_error: float = 0.2
    drift_s_per_day: float = 0.0
    traffic: str = "light"
    block_scale: float = 1.0

    @property
    def keeps_rates(self) -> bool:
        """Return whether all clocks run at the rate of true time."""
        return self.wrong_rates == 0 and self.drift_s_per_day == 0

    @property
    def period_s(self) -> float:
        """Return how long the cameras film."""
        return self.minutes * 60

    @property
    def frames(self) -> int:
        """Return the number of frames of a camera that films the whole period."""
        return max(1, round(self.period_s * self.fps))


@dataclass(frozen=True, slots=True)
class Preset:
    """How hard a city is.

    Twins and plate states are shares of the vehicles; near and cloned plates are shares of the twins. Unreadable plates
    are covered, absent ones are missing; dirty plates are counted separately and can sometimes be read. A weather that
    is listed twice is twice as likely. `clock_error_s` is the largest clock error. `shake_share` (masts in the wind)
    and `outage_share` are shares of the cameras. `wander_s` is the standard deviation of frame times, and
    `dropped_share` of the frames are lost. A `foreign` city has vehicles, plates, weathers, streets and cameras that
    nothing was trained or fitted on.
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
    foreign: bool = False


_NORMAL = Preset(
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
)

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
    "normal": _NORMAL,
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
    "dense-normal": replace(_NORMAL, outage_share=0.25),
    "foreign": replace(_NORMAL, weathers=("dust", "snow", "last sun"), foreign=True),
}


@dataclass(frozen=True, slots=True)
class CityKind:
    """A kind of city by name: its preset, and how large it is unless somebody says otherwise."""

    preset: str
    cameras: int = 4
    vehicles: int = 110
    minutes: float = 3.0
    block_scale: float = 1.0


CITY_KINDS: Mapping[str, CityKind] = {
    **{name: CityKind(name) for name in PRESETS},
    "dense-normal": CityKind("dense-normal", cameras=8, vehicles=1600, minutes=8.0),
    "dense-hard": CityKind("hard", cameras=8, vehicles=1600, minutes=8.0),
    "foreign": CityKind("foreign", cameras=8, vehicles=400, minutes=4.0),
    "sparse": CityKind("normal", cameras=8, vehicles=3000, minutes=60.0, block_scale=20.0),
}
"""What `retrace city make --preset` takes: dense ones have galleries of more than a thousand, and a quarter of their
cameras films nothing for a fifth of the time; the foreign one has galleries of about 300; the sparse one has country
roads, on which many drives between two cameras take half an hour."""


def preset_named(name: str) -> Preset:
    """Return the preset of a name; an unknown name lists the known ones."""
    if name not in PRESETS:
        raise ArchiveError(f"there is no preset {name!r}: choose one of {', '.join(PRESETS)}")
    return PRESETS[name]


@dataclass(frozen=True, slots=True)
class CityRecord:
    """What a finished city was made from; `start` is the beginning of its period in true time."""

    seed: int
    preset: str
    vehicles: int
    minutes: float
    fps: float
    width: int
    height: int
    start: datetime

    @classmethod
    def of(cls, options: CityOptions, start: datetime) -> "CityRecord":
        """Return the record of a city made with these options."""
        return cls(
            options.seed,
            options.preset,
            options.vehicles,
            options.minutes,
            options.fps,
            options.width,
            options.height,
            start,
        )


def write_city_record(city: Path, record: CityRecord) -> None:
    """Write the record into a city's folder."""
    document = asdict(record) | {"start": iso(record.start)}
    (city / RECORD_FILE).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_city_record(city: Path) -> CityRecord:
    """Read the record from a city's folder."""
    path = city / RECORD_FILE
    if not path.is_file():
        raise ArchiveError(f"{city} is not a city: it has no {RECORD_FILE}; make one with 'retrace city make {city}'")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return CityRecord(**document | {"start": datetime.fromisoformat(document["start"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(f"{path} is damaged ({error}): make the city again") from None


def fitting_seed(city: Path) -> int:
    """Return the seed of a city to fit on, and refuse one that is for measuring: of a high seed, or a foreign one."""
    record = read_city_record(city)
    seed = record.seed
    if preset_named(record.preset).foreign:
        raise ArchiveError(
            f"{city} has the preset {record.preset}, which nothing may be fitted on: take another preset"
        )
    if seed >= FIRST_PUBLISHED_SEED:
        raise ArchiveError(
            f"{city} has seed {seed}: seeds from {FIRST_PUBLISHED_SEED} on are for published figures, "
            "fit on cities of lower ones"
        )
    return seed
