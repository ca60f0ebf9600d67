"""Paint the top view of a lofted body: windscreen, rear window, roof, bonnet lines and a pickup's bed."""

from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.canvas import BLACK, GLASS, MATT, Canvas, Paint, Point

_LORRIES = ("bus", "cab", "highcab")


def paint_top(
    canvas: Canvas, model: VehicleModel, rear_m: float, paint: Paint, glass: Paint, rear_glass: Paint
) -> None:
    """Paint the view from above; places are x along the vehicle and y to its left."""
    half, length = model.width_m / 2, model.length_m
    rear_low, rear_high = model.roof[0][0], model.roof[1][0]
    screen_high, screen_low = model.roof[-2][0], model.roof[-1][0]
    narrow = 1 - model.lean

    def quad(rear_u: float, rear_y: float, front_u: float, front_y: float, surface: Paint) -> None:
        x0, x1 = rear_m + rear_u * length, rear_m + front_u * length
        canvas.polygon(
            [(x0, -rear_y * half), (x1, -front_y * half), (x1, front_y * half), (x0, rear_y * half)], surface
        )

    quad(screen_high, 0.86 * narrow, screen_low, 0.90, glass)
    for side in (-1, 1):
        seat = [
            (rear_m + (screen_high + 0.01) * length, side * 0.42 * half),
            (rear_m + (screen_high + 0.35 * (screen_low - screen_high)) * length, side * 0.42 * half),
        ]
        canvas.line(seat, 0.26, Paint((48, 48, 50), GLASS), opacity=0.6)
    canvas.line([(rear_m + screen_low * length, -0.8 * half), (rear_m + screen_low * length, 0.8 * half)], 0.05, BLACK)
    if model.shape in ("van", *_LORRIES):
        _roof_seams(canvas, model, rear_m)
        return
    if model.shape == "pickup":
        _bed(canvas, model, rear_m)
    elif model.shape != "minibus":
        quad(rear_low + 0.004, 0.86, rear_high, 0.84 * narrow, rear_glass)
    _bonnet(canvas, model, rear_m)
    if model.seed % 4 == 0:
        quad(screen_high - 0.20, 0.45, screen_high - 0.04, 0.45, glass)
    for side in (-1, 1):
        edge: list[Point] = [
            (rear_m + rear_high * length, side * 0.80 * narrow * half),
            (rear_m + screen_high * length, side * 0.80 * narrow * half),
        ]
        canvas.line(edge, 0.012, paint.darker(0.45), opacity=0.8)


def _bonnet(canvas: Canvas, model: VehicleModel, rear_m: float) -> None:
    """Paint the bonnet's gaps and swages."""
    half, length, foot = model.width_m / 2, model.length_m, model.roof[-1][0]
    gap = Paint((14, 14, 15), MATT)
    for side in (-1, 1):
        canvas.line(
            [(rear_m + (foot + 0.01) * length, side * 0.78 * half), (rear_m + 0.965 * length, side * 0.66 * half)],
            0.012,
            gap,
            opacity=0.7,
        )
        swage = [(rear_m + (foot + 0.02) * length, side * 0.45 * half), (rear_m + 0.97 * length, side * 0.33 * half)]
        canvas.shadow(
            [*swage, (swage[1][0], swage[1][1] - side * 0.07), (swage[0][0], swage[0][1] - side * 0.07)], 0.12, 0.02
        )


def _bed(canvas: Canvas, model: VehicleModel, rear_m: float) -> None:
    """Paint a pickup's bed, open or under a cover."""
    half, length = model.width_m / 2, model.length_m
    open_bed = model.seed % 3 != 0
    inside = Paint((52, 52, 53) if open_bed else (22, 22, 23), MATT)
    canvas.rectangle(rear_m + 0.02 * length, -0.84 * half, rear_m + 0.36 * length, 0.84 * half, inside)
    if open_bed:
        canvas.shadow(
            [
                (rear_m + 0.28 * length, -0.84 * half),
                (rear_m + 0.36 * length, -0.84 * half),
                (rear_m + 0.36 * length, 0.84 * half),
                (rear_m + 0.28 * length, 0.84 * half),
            ],
            0.6,
            0.1,
        )
        for y in (-0.5, -0.25, 0.0, 0.25, 0.5):
            canvas.line(
                [(rear_m + 0.03 * length, y * half), (rear_m + 0.35 * length, y * half)],
                0.03,
                Paint((36, 36, 37), MATT),
            )


def _roof_seams(canvas: Canvas, model: VehicleModel, rear_m: float) -> None:
    """Paint the seams and hatches of a long roof."""
    half, length = model.width_m / 2, model.length_m
    for step in range(1, 8):
        x = rear_m + step * length / 9
        canvas.shadow([(x, -0.8 * half), (x + 0.05, -0.8 * half), (x + 0.05, 0.8 * half), (x, 0.8 * half)], 0.16, 0.02)
    if model.shape == "bus":
        for u in (0.3, 0.62):
            canvas.rectangle(
                rear_m + u * length - 0.5, -0.4, rear_m + u * length + 0.5, 0.4, Paint((196, 198, 200), MATT)
            )
