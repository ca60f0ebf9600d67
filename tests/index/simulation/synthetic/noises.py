"""Two noises of seeing for tests: one without faults, and one with its own faults."""

from dataclasses import replace

import numpy as np

from index.simulation.synthetic.correlations import FaultCorrelations, VarianceShares
from index.simulation.synthetic.seeing_noise import (
    ConfusionTable,
    HeadingNoise,
    HeightCurve,
    NoiseOrigin,
    PassageSize,
    PhantomNoise,
    PlateNoise,
    Quantiles,
    SeeingNoise,
    SimilarityNoise,
    TimeNoise,
    WeatherOdds,
)
from reid.vehicle import COLOURS, VEHICLE_TYPES

ALWAYS = HeightCurve(half_px=0.001, steep=10, most=1)


def confusion(values: int, right: float) -> ConfusionTable:
    rows = np.full((values, values), (1 - right) / (values - 1)) + np.eye(values) * (right - (1 - right) / (values - 1))
    return ConfusionTable(tuple(map(tuple, rows.tolist())), Quantiles((0.9, 1.0)), Quantiles((0.6, 0.8)))


PERFECT = SeeingNoise(
    seen=ALWAYS,
    duplicates=0,
    phantoms=PhantomNoise(0, 0, (1, 0, 0, 0, 0), (1, *[0.0] * 10), Quantiles((20, 50)), Quantiles((1, 3))),
    times=TimeNoise(Quantiles((0, 0)), Quantiles((1, 1)), Quantiles((0.5, 0.5)), Quantiles((0.5, 0.5))),
    types=confusion(len(VEHICLE_TYPES), 1),
    colours=confusion(len(COLOURS), 1),
    headings=HeadingNoise(1, 0, 0),
    plates=PlateNoise(ALWAYS, 0, 0, ALWAYS, ALWAYS, 0, 0, Quantiles((0.9, 0.9)), Quantiles((0.5, 0.5))),
    likeness=SimilarityNoise(0.01, 0.02, 0.95, 0.97, freedom=64, unevenness=0),
    ties=FaultCorrelations(*[VarianceShares(0, 0, 0)] * 6),
    weathers={"sun": WeatherOdds(1.0, 1.0)},
    sights={"overview": (PassageSize(150, 25, 4, True),), "plate": (PassageSize(400, 30, 3, True),)},
    origin=NoiseOrigin("2026-05-04", (1,), ("none",), {}),
)

FAULTY = replace(
    PERFECT,
    seen=HeightCurve(half_px=60, steep=5, most=0.9),
    duplicates=0.3,
    phantoms=replace(PERFECT.phantoms, per_passage=0.25),
    times=TimeNoise(Quantiles((0, 0.2)), Quantiles((0.8, 1)), Quantiles((0.1, 0.3)), Quantiles((0.6, 0.9))),
    types=confusion(len(VEHICLE_TYPES), 0.7),
    colours=confusion(len(COLOURS), 0.5),
    headings=HeadingNoise(known_share=0.6, wrong_share=0.2, deviation_deg=10),
    plates=PlateNoise(
        read=HeightCurve(half_px=18, steep=8, most=0.9),
        dirty=0.3,
        covered=0,
        flawless=HeightCurve(half_px=14, steep=6, most=0.6),
        character=HeightCurve(half_px=8, steep=4, most=0.8),
        garbled_share=0.15,
        extra_share=0.3,
        sure=Quantiles((0.8, 1)),
        sure_garbled=Quantiles((0.4, 0.6)),
    ),
    ties=FaultCorrelations(*[VarianceShares(0.1, 0, 0)] * 6),
    weathers={"rain": WeatherOdds(0.9, 0.8)},
    likeness=SimilarityNoise(0.2, 0.35, 0.5, 0.7, freedom=40, unevenness=0.1),
    sights={
        "overview": tuple(PassageSize(height_px, height_px / 9, 4, True) for height_px in range(20, 200, 5)),
        "plate": tuple(PassageSize(height_px, height_px / 12, 4, True) for height_px in range(150, 450, 10)),
    },
)
