"""Draw what stands and lies along the foreign town's streets, and mount its cameras."""

from dataclasses import replace

import numpy as np

from reid.render.foreign.vehicles import make_foreign_model, make_foreign_vehicle
from reid.render.light.lens import Lens, aimed
from reid.render.light.sensor import Sensor
from reid.render.light.weather import Light
from reid.render.street.backdrop import TownLook
from reid.render.street.paving import Ground, draw_ground
from reid.render.street.street import PLATE, Street
from reid.render.vehicles.bodies import Vehicle

_SAND, _GRAVEL = (0.42, 0.32, 0.19), (0.34, 0.29, 0.24)
_WALLS = ((214, 150, 92), (226, 214, 196), (198, 118, 96), (120, 158, 164), (222, 190, 110), (236, 232, 226))


def foreign_ground(seed: int, light: Light) -> Ground:
    """Draw sand-coloured concrete without lane lines, between painted kerbs, under snow where it has snowed."""
    rng = np.random.default_rng([seed, 211])
    return replace(
        draw_ground(seed),
        asphalt=float(rng.uniform(0.30, 0.38)),
        tone=(1.06, 0.94, 0.74),
        marking=float(rng.uniform(0.35, 0.5)),
        verge=_SAND if rng.random() < 0.7 else _GRAVEL,
        slabs=(0.40, 0.30, 0.24),
        kerb=((0.62, 0.60, 0.56), (0.07, 0.07, 0.07))
        if rng.random() < 0.5
        else ((0.62, 0.60, 0.56), (0.55, 0.12, 0.08)),
        joint_m=float(rng.uniform(4.0, 6.0)),
        snow=float(rng.uniform(0.75, 0.95)) if light.weather == "snow" else 0.0,
    )


def mount_foreign_camera(seed: int, street: Street, heading_deg: float, kind: str, width: int, height: int) -> Lens:
    """Return a camera on a high mast near the road, whose lens bends lines more than those of the trainings do."""
    rng = np.random.default_rng([seed, 212])
    turn, narrow = np.radians(heading_deg), kind == PLATE
    forward, across = np.array([np.cos(turn), np.sin(turn)]), abs(float(np.sin(turn)))
    mast = float(rng.uniform(6.6, 7.6) if narrow else rng.uniform(9.0, 11.0))
    away = float(rng.uniform(13, 16) if narrow else rng.uniform(12, 17))
    shift = float(rng.uniform(-1, 1)) * street.half_width_m * (1 - across)
    x, y = -away * forward + np.array([0.0, shift * 0.8])
    focal = width * float(rng.uniform(2.2, 2.7) if narrow else rng.uniform(0.62, 0.78))
    bent = float(rng.uniform(0.03, 0.05) if narrow else rng.uniform(0.14, 0.20))
    aim_height = 0.8 if narrow else float(rng.uniform(0.6, 1.6))
    return aimed((float(x), float(y), mast), (0.0, shift * 0.3, aim_height), focal, width, height, drawn_in=bent)


def tint_foreign_sensor(seed: int, sensor: Sensor) -> Sensor:
    """Return a sensor with a colour cast, sharper edges and more noise than those of the trainings have."""
    rng = np.random.default_rng([seed, 213])
    casts = ((1.09, 1.0, 0.90), (0.92, 1.02, 1.08), (0.98, 1.06, 0.93))
    return replace(
        sensor,
        balance=np.array(casts[int(rng.integers(len(casts)))], np.float32),
        saturation=float(rng.choice([0.68, 0.76, 1.24])),
        noise=float(rng.uniform(3.0, 4.5)),
        sharpening=float(rng.uniform(1.2, 1.7)),
    )


def _parked(rng: np.random.Generator) -> Vehicle:
    model = make_foreign_model(int(rng.integers(2**31)))
    return make_foreign_vehicle(int(rng.integers(2**31)), model)


FOREIGN_LOOK = TownLook(foreign_ground, _parked, _WALLS)
