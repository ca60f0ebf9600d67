"""Paint the side of a lofted body: windows, doors, sills, arches, handles and the wrapped ends of lamps."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.canvas import BLACK, GLASS, MATT, METAL, WINDOW, Canvas, Paint, Point
from reid.render.vehicles.loft import height_at


@dataclass(frozen=True, slots=True)
class SideDesign:
    """A model's side design; heights are shares of the vehicle's."""

    crease: float
    crease_rise: float
    pillar_m: float
    window_rise_m: float
    clad: bool
    chrome: bool
    glazed: bool
    two_windows: bool


def side_design(model: VehicleModel) -> SideDesign:
    """Draw the design of a model's sides."""
    rng = np.random.default_rng([model.seed, 51])
    return SideDesign(
        crease=float(rng.uniform(0.36, 0.52)),
        crease_rise=float(rng.uniform(-0.02, 0.06)),
        pillar_m=float(rng.uniform(0.07, 0.14)),
        window_rise_m=float(rng.uniform(0.0, 0.06)),
        clad=bool(
            rng.random()
            < {"suv": 0.65, "pickup": 0.7, "van": 0.8, "minibus": 0.6, "cab": 1.0, "highcab": 1.0}.get(
                model.shape, 0.08
            )
        ),
        chrome=bool(rng.random() < 0.3),
        glazed=model.shape != "van" or bool(rng.random() < 0.25),
        two_windows=bool(rng.random() < 0.5),
    )


def paint_side(
    canvas: Canvas, model: VehicleModel, rear_m: float, paint: Paint, glass: Paint, rear_glass: Paint, *, right: bool
) -> None:
    """Paint one side; `rear_glass` is the tint of the rear windows."""
    design = side_design(model)
    pen = _SidePen(canvas, model, rear_m)
    _shape_shades(pen, design)
    _sill_and_arches(pen, design, paint)
    if model.shape == "bus":
        _bus_windows(pen, glass, right=right)
        return
    _windows(pen, design, glass, rear_glass, paint)
    _doors(pen, design, paint)
    _lamp_ends(pen)


@dataclass(frozen=True, slots=True)
class _SidePen:
    """A canvas with the model's own lines: u along the body, z in metres."""

    canvas: Canvas
    model: VehicleModel
    rear_m: float

    def at(self, u: float, z: float) -> Point:
        """Return the place in metres on the canvas."""
        return self.rear_m + u * self.model.length_m, z

    def shoulder(self, u: float) -> float:
        """Return the shoulder's height in metres."""
        return float(height_at(self.model.shoulder, u)) * self.model.height_m

    def roof(self, u: float) -> float:
        """Return the roof line's height in metres."""
        return float(height_at(self.model.roof, u)) * self.model.height_m

    def polygon(self, points: list[Point], paint: Paint) -> None:
        """Fill a polygon of (u, z)."""
        self.canvas.polygon([self.at(*point) for point in points], paint)

    def line(self, points: list[Point], width_m: float, paint: Paint, opacity: float = 1.0) -> None:
        """Draw a line of (u, z)."""
        self.canvas.line([self.at(*point) for point in points], width_m, paint, opacity=opacity)


def _shape_shades(pen: _SidePen, design: SideDesign) -> None:
    """Shade the creases that give a flat side its form."""
    height = pen.model.height_m
    low, high = design.crease * height, (design.crease + design.crease_rise) * height
    ends = (pen.at(0.03, low), pen.at(0.95, high))
    pen.canvas.shadow([ends[0], ends[1], (ends[1][0], high - 0.09), (ends[0][0], low - 0.09)], 0.22, 0.03)
    pen.canvas.shadow([ends[0], ends[1], (ends[1][0], high + 0.04), (ends[0][0], low + 0.04)], -0.14, 0.015)


def _sill_and_arches(pen: _SidePen, design: SideDesign, paint: Paint) -> None:
    """Paint the sill and the dark rims of the wheel arches, in plastic where the model is clad."""
    model = pen.model
    lower = BLACK if design.clad else paint.darker(0.55)
    sill = model.clearance_m + (0.16 if design.clad else 0.09)
    pen.polygon([(0, 0), (1, 0), (1, sill), (0, sill)], lower)
    for axle in model.axles:
        reach = model.wheel_m * 1.17 + (0.07 if design.clad else 0.025)
        pen.canvas.ellipse(pen.at(axle, model.wheel_m), (reach, reach), BLACK if design.clad else paint.darker(0.4))


def _windows(pen: _SidePen, design: SideDesign, glass: Paint, rear_glass: Paint, paint: Paint) -> None:
    """Paint the side windows between roof line and shoulder, separated by pillars."""
    model = pen.model
    first, last = model.glass
    pillars = [door for door in model.doors if first + 0.04 < door < last - 0.04]
    edges = [first, *pillars, last]
    half = design.pillar_m / 2 / model.length_m
    panes = [
        (low + (half if i else 0), high - (half if i < len(edges) - 2 else 0))
        for i, (low, high) in enumerate(pairwise(edges))
    ]
    panes = panes if design.glazed else panes[-1:]
    for number, (low, high) in enumerate(panes):
        u = np.linspace(low, high, 14)
        top = height_at(model.roof, u) * model.height_m - 0.075
        bottom = (
            height_at(model.shoulder, u) * model.height_m + 0.012 + design.window_rise_m * (last - u) / (last - first)
        )
        wide = top > bottom + 0.02
        if wide.sum() < 3:
            continue
        rim = [(float(a), float(b)) for a, b in zip(u[wide], bottom[wide], strict=True)]
        rim += [(float(a), float(b)) for a, b in zip(u[wide][::-1], top[wide][::-1], strict=True)]
        pen.polygon(rim, glass if number == len(panes) - 1 else rear_glass)
        _behind_glass(pen, low, high, float(bottom[wide].min()), float(top[wide].max()), rim)
        trim = Paint(METAL.rgb, METAL.gloss) if design.chrome else BLACK
        pen.line([*rim, rim[0]], 0.022, trim, 0.9)


def _behind_glass(pen: _SidePen, low: float, high: float, bottom: float, top: float, rim: list[Point]) -> None:
    """Paint a seat and the light from the other side behind a window."""
    middle, half = (low + high) / 2 - 0.02, (high - low) * 0.16
    head = bottom + (top - bottom) * 0.62
    seat = Paint((46, 46, 48), GLASS)
    pen.polygon(
        [
            (middle - half, bottom + 0.02),
            (middle + half, bottom + 0.02),
            (middle + half * 0.6, head),
            (middle - half * 0.7, head),
        ],
        seat,
    )
    inside = [(u + (middle + half * 2.4 - u) * 0.75, z + ((bottom + top) / 2 - z) * 0.55) for u, z in rim]
    pen.canvas.polygon([pen.at(*point) for point in inside], Paint((92, 98, 104), GLASS), opacity=0.35)


def _doors(pen: _SidePen, design: SideDesign, paint: Paint) -> None:
    """Paint the gaps of the doors, their handles and the fuel flap."""
    model, gap = pen.model, Paint((12, 12, 13), MATT)
    low = model.clearance_m + 0.10
    doors = model.doors if model.shape not in ("van", "cab", "highcab") else model.doors[-2:]
    for number, door in enumerate(doors):
        pen.line([(door, low), (door, pen.shoulder(door))], 0.012, gap, 0.75)
        if number < len(doors) - 1:
            height = pen.shoulder(door) - 0.11
            start = door + 0.10 / model.length_m
            pen.line(
                [(start, height), (start + 0.17 / model.length_m, height)],
                0.035,
                METAL if design.chrome else paint.darker(0.6),
            )
    if len(doors) > 1:
        pen.line([(doors[0], low), (doors[-1], low)], 0.012, gap, 0.6)
    if model.shape in ("van", "minibus"):
        pen.line([(0.05, 0.55 * model.height_m), (0.62, 0.55 * model.height_m)], 0.012, gap, 0.6)
    bonnet = model.roof[-1][0]
    pen.line([(bonnet, pen.shoulder(bonnet) - 0.02), (0.97, pen.shoulder(0.97) - 0.03)], 0.012, gap, 0.6)


def _lamp_ends(pen: _SidePen) -> None:
    """Darken the corners in front of and behind the wheels where bumpers meet the wings."""
    model, gap = pen.model, Paint((12, 12, 13), MATT)
    for u in (0.075, 0.925):
        pen.line([(u, model.clearance_m + 0.2), (u, pen.shoulder(u) - 0.16)], 0.010, gap, 0.5)


def _bus_windows(pen: _SidePen, glass: Paint, *, right: bool) -> None:
    """Paint the long row of windows and, on the right, the doors of a bus."""
    model = pen.model
    rng = np.random.default_rng([model.seed, 52])
    count, low, high = int(rng.integers(5, 10)), 0.44 * model.height_m, 0.87 * model.height_m
    pane = Paint(glass.rgb, GLASS, WINDOW)
    pen.polygon([(0.015, low), (0.985, low), (0.985, high), (0.015, high)], Paint((16, 17, 18), GLASS))
    for i in range(count):
        start = 0.025 + i * 0.95 / count
        pen.polygon(
            [
                (start, low + 0.03),
                (start + 0.95 / count - 0.010, low + 0.03),
                (start + 0.95 / count - 0.010, high - 0.03),
                (start, high - 0.03),
            ],
            pane,
        )
        seat = Paint((58, 56, 66), GLASS)
        pen.polygon(
            [
                (start + 0.01, low + 0.03),
                (start + 0.035, low + 0.03),
                (start + 0.03, low + 0.3),
                (start + 0.012, low + 0.3),
            ],
            seat,
        )
    for start in (0.46, 0.875) if right else ():
        pen.polygon(
            [
                (start, 0.12 * model.height_m),
                (start + 0.095, 0.12 * model.height_m),
                (start + 0.095, high),
                (start, high),
            ],
            pane,
        )
        for u in (start, start + 0.0475, start + 0.095):
            pen.line([(u, 0.12 * model.height_m), (u, high)], 0.05, BLACK)
    pen.line([(0.01, 0.30 * model.height_m), (0.99, 0.30 * model.height_m)], 0.02, Paint((12, 12, 13), MATT), 0.5)
