from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation.crops.tracking_samples import (
    NEAREST,
    PassageLook,
    TrackingSamples,
    look_of,
    packaged_samples,
)
from index.simulation.options import FIRST_PUBLISHED_SEED
from index.simulation.truth import TrueBox
from tests.index.simulation.crops.samples import HALF, WHOLE, sample, samples

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def boxes(height_px: int, visible: float, frames: int = 20) -> list[TrueBox]:
    return [TrueBox("a.mp4", n, NOON, "v1", 10, 10, 50, height_px, visible) for n in range(frames)]


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = samples(sample(40.0, WHOLE), sample(60.0), phantoms={"day": (HALF,)})
    written.save(tmp_path / "samples.json")
    assert TrackingSamples.load(tmp_path / "samples.json") == written


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "samples.json").write_text('{"passages": 3}')
    with pytest.raises(ArchiveError, match="fit-crops"):
        TrackingSamples.load(tmp_path / "samples.json")


def test_a_passage_borrows_from_those_of_its_height_and_light() -> None:
    low, high, night = sample(30.0), sample(300.0, WHOLE), sample(300.0, HALF, light="dark")
    borrowed = samples(*[low] * NEAREST, *[high] * NEAREST, *[night] * NEAREST)
    rng = np.random.default_rng(0)
    drawn = [borrowed.like(PassageLook(280.0, 0.0, "day", 0.5), rng) for _ in range(40)]
    assert set(map(id, drawn)) == {id(high)}


def test_a_passage_that_leaves_borrows_from_one_that_left() -> None:
    came, left = sample(300.0, WHOLE, near=0.9), sample(300.0, HALF, near=0.1)
    borrowed = samples(*[came] * NEAREST, *[left] * NEAREST)
    rng = np.random.default_rng(0)
    drawn = [borrowed.like(PassageLook(300.0, 0.0, "day", 0.2), rng) for _ in range(40)]
    assert set(map(id, drawn)) == {id(left)}


def test_a_vehicle_is_near_when_it_is_tallest() -> None:
    comes = [TrueBox("a.mp4", n, NOON, "v1", 10, 10, 50, 40 + 8 * n, 1.0) for n in range(20)]
    leaves = [TrueBox("a.mp4", n, NOON, "v1", 10, 10, 50, 192 - 8 * n, 1.0) for n in range(20)]
    looks = [look_of(boxes, "sun") for boxes in (comes, leaves, boxes(80, 1.0))]
    near = [look.near for look in looks if look is not None]
    assert near[0] > 0.75
    assert near[1] < 0.25
    assert near[2] == pytest.approx(0.5)


def test_phantoms_come_as_often_as_they_did() -> None:
    borrowed = samples(*[sample(50.0, WHOLE)] * 10, phantoms={"day": (HALF, HALF)})
    rng = np.random.default_rng(1)
    share = np.mean([borrowed.phantom("day", rng) is not None for _ in range(2000)])
    assert share == pytest.approx(0.2, abs=0.03)


def test_a_hidden_or_short_passage_looks_smaller() -> None:
    clear, hidden, short = (look_of(b, "sun") for b in (boxes(80, 1.0), boxes(80, 0.5), boxes(80, 1.0, frames=4)))
    assert clear is not None
    assert hidden is not None
    assert short is not None
    assert clear.height_px == 80
    assert hidden.height_px < 80
    assert short.height_px == 40
    assert hidden.hidden == pytest.approx(0.5)


def test_a_passage_that_nobody_can_see_has_no_look() -> None:
    assert look_of(boxes(12, 1.0), "sun") is None
    assert look_of(boxes(90, 0.1), "sun") is None


def test_packaged_samples_are_of_cities_that_no_figure_is_published_of() -> None:
    assert max(packaged_samples().origin.seeds) < FIRST_PUBLISHED_SEED
