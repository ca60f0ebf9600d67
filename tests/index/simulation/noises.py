"""Noises of seeing for tests: one that sees everything as it is, and one with its own faults."""

from dataclasses import replace

import numpy as np

from index.simulation.unfilmed.seeing_noise import (
    Confusion,
    Curve,
    Headings,
    Likeness,
    Odds,
    Origin,
    Phantoms,
    Plates,
    SeeingNoise,
    Sight,
    Spread,
    Times,
)
from index.simulation.unfilmed.ties import Tie, Ties
from reid.vehicle import COLOURS, VEHICLE_TYPES

ALWAYS = Curve(half_px=0.001, steep=10, most=1)


def confusion(values: int, right: float) -> Confusion:
    rows = np.full((values, values), (1 - right) / (values - 1)) + np.eye(values) * (right - (1 - right) / (values - 1))
    return Confusion(tuple(map(tuple, rows.tolist())), Spread((0.9, 1.0)), Spread((0.6, 0.8)))


PERFECT = SeeingNoise(
    seen=ALWAYS,
    duplicates=0,
    phantoms=Phantoms(0, 0, (1, 0, 0, 0, 0), (1, *[0.0] * 10), Spread((20, 50)), Spread((1, 3))),
    times=Times(Spread((0, 0)), Spread((1, 1)), Spread((0.5, 0.5)), Spread((0.5, 0.5))),
    types=confusion(len(VEHICLE_TYPES), 1),
    colours=confusion(len(COLOURS), 1),
    headings=Headings(1, 0, 0),
    plates=Plates(ALWAYS, 0, 0, ALWAYS, ALWAYS, 0, 0, Spread((0.9, 0.9)), Spread((0.5, 0.5))),
    likeness=Likeness(0.01, 0.02, 0.95, 0.97, freedom=64, unevenness=0),
    ties=Ties(*[Tie(0, 0, 0)] * 6),
    weathers={"sun": Odds(1.0, 1.0)},
    sights={"overview": (Sight(150, 25, 4, True),), "plate": (Sight(400, 30, 3, True),)},
    origin=Origin("2026-05-04", (1,), ("none",), {}),
)

FAULTY = replace(
    PERFECT,
    seen=Curve(half_px=60, steep=5, most=0.9),
    duplicates=0.3,
    phantoms=replace(PERFECT.phantoms, per_passage=0.25),
    times=Times(Spread((0, 0.2)), Spread((0.8, 1)), Spread((0.1, 0.3)), Spread((0.6, 0.9))),
    types=confusion(len(VEHICLE_TYPES), 0.7),
    colours=confusion(len(COLOURS), 0.5),
    headings=Headings(known_share=0.6, wrong_share=0.2, deviation_deg=10),
    plates=Plates(
        read=Curve(half_px=18, steep=8, most=0.9),
        dirty=0.3,
        covered=0,
        flawless=Curve(half_px=14, steep=6, most=0.6),
        character=Curve(half_px=8, steep=4, most=0.8),
        garbled_share=0.15,
        extra_share=0.3,
        sure=Spread((0.8, 1)),
        sure_garbled=Spread((0.4, 0.6)),
    ),
    ties=Ties(*[Tie(0.1, 0, 0)] * 6),
    weathers={"rain": Odds(0.9, 0.8)},
    likeness=Likeness(0.2, 0.35, 0.5, 0.7, freedom=40, unevenness=0.1),
    sights={
        "overview": tuple(Sight(height_px, height_px / 9, 4, True) for height_px in range(20, 200, 5)),
        "plate": tuple(Sight(height_px, height_px / 12, 4, True) for height_px in range(150, 450, 10)),
    },
)
