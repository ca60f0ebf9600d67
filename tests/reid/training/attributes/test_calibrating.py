"""Logits of marks become probabilities, and only those that can be told are."""

import math

import numpy as np
import pytest

from reid.training.attributes.calibrating import logistic, mark_attributes, share_of
from reid.training.attributes.marked_crops import BODIES, MARKS, MarkedVectors, can_have
from reid.training.attributes.scores import mark_scores


def pictures(count: int = 1600) -> tuple[MarkedVectors, np.ndarray]:
    """Roof boxes can be told from 32 px on, spoilers not at all."""
    rng = np.random.default_rng(0)
    body = rng.integers(0, len(BODIES), count)
    carry = np.array([[can_have(mark, BODIES[one]) for mark in MARKS] for one in body])
    marks = carry & (rng.random((count, len(MARKS))) < 0.3)
    size = rng.choice([16.0, 40.0, 56.0, 100.0], count)
    logits = rng.normal(0, 1, (count, len(MARKS))).astype(np.float32)
    box = MARKS.index("roof box")
    logits[:, box] += np.where(size > 30, 4 * (marks[:, box] - 0.5), 0)
    ones = np.zeros(count, np.int64)
    crops = MarkedVectors(np.zeros((count, 2), np.float32), ones, ones, body, ones, ones * 1.0, size, marks, carry)
    return crops, logits


def test_a_mark_is_told_where_it_can_be_told_and_from_the_size_on() -> None:
    crops, logits = pictures()
    told = mark_attributes(logits, crops, mark_scores(logits, crops))
    assert [(one.name, one.least_px, one.share) for one in told] == [("roof box", 32.0, 0.04)]
    assert told[0].bodies == ("hatchback", "sedan", "estate", "SUV", "people carrier")


def test_a_rare_mark_is_unlikely_before_anything_is_seen() -> None:
    crops, logits = pictures()
    box = mark_attributes(logits, crops, mark_scores(logits, crops))[0]
    shown = 1 / (1 + np.exp(-(box.scale * logits[:, MARKS.index("roof box")] + box.bias)))
    assert float(np.median(shown)) < 0.1


def test_the_logistic_is_that_of_the_truth() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, 20_000)
    true = rng.random(len(logits)) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    scale, bias = logistic(logits, true)
    assert (scale, bias) == (pytest.approx(0.5, abs=0.04), pytest.approx(-1, abs=0.06))


def test_ladders_are_rarer_than_racks() -> None:
    assert math.isclose(share_of("ladder"), 0.4 * share_of("roof rack"))
