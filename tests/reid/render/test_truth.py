"""Boxes and visible shares agree with counting pixels one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reid.render.truth import Drawn, seen_boxes
from reid.render.vehicles.layers import Layer, Window

WIDTH, HEIGHT = 20, 14


def random_layer(rng: np.random.Generator) -> Layer:
    width, height = (int(side) for side in rng.integers(3, 9, 2))
    x, y = int(rng.integers(0, WIDTH - width)), int(rng.integers(0, HEIGHT - height))
    coverage = rng.choice(np.array([0, 100, 200, 255], np.uint8), (height, width))
    coverage[1, 1] = 255
    return Layer(Window(x, y, width, height), np.zeros((height, width, 3), np.uint8), coverage, 0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_boxes_are_those_of_the_masks(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    layers = [random_layer(rng) for _ in range(count)]
    before = rng.choice(np.array([0, 255], np.uint8), (HEIGHT, WIDTH), p=[0.8, 0.2])
    boxes = seen_boxes([Drawn(i, layer, None, 0.0) for i, layer in enumerate(layers)], before)
    owners = np.full((HEIGHT, WIDTH), -1)
    masks = []
    for number, layer in enumerate(layers):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[layer.window.slices] = layer.coverage >= 128
        owners[mask] = number
        masks.append(mask)
    owners[before > 0] = -2
    for number, (mask, box) in enumerate(zip(masks, boxes, strict=True)):
        rows, columns = np.nonzero(mask)
        assert (box.box.x, box.box.y) == (columns.min(), rows.min())
        assert (box.box.width, box.box.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert box.visible == (owners[mask] == number).mean()
