"""Define the weathers of the foreign town: dust in the air, snow on the road, and the last sun with long shadows."""

from reid.render.light.weather import Weather

FOREIGN_WEATHERS = {
    "dust": Weather(
        (30, 60), (0.42, 0.31, 0.17), (0.56, 0.47, 0.34), (0.82, 0.63, 0.38), (0.60, 0.50, 0.36), (1 / 400, 1 / 150),
        haze_per_m=0.016, exposure=1.25,
    ),
    "snow": Weather(
        (25, 45), (0.10, 0.10, 0.11), (0.60, 0.65, 0.74), (0.78, 0.81, 0.86), (0.62, 0.67, 0.74), (1 / 400, 1 / 150),
        haze_per_m=0.006, exposure=1.0, lamps_lit=True,
    ),
    "last sun": Weather(
        (6, 8.5), (1.40, 0.82, 0.42), (0.40, 0.41, 0.50), (1.10, 0.72, 0.46), (0.36, 0.40, 0.58), (1 / 300, 1 / 120),
        haze_per_m=0.003, exposure=1.5, lowest_sun=0.10,
    ),
}  # fmt: skip
