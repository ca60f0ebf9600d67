"""A real browser does an investigator's whole job on sixty cameras and 60,000 sightings."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.made_town import MadeTown, MadeTraffic, camera_id, fill, make_archive, make_traffic, plate_text, time_of
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import vehicles_in_photograph
from reid.images import crop, decode_image, encode_jpeg
from tests.ui.conftest import painted
from tests.ui.web.browsing import Visit, serve
from tests.ui.web.whole_job import VIENNA, ask_about, choose_another_and_come_back, drop, work_on

CAMERAS, SIGHTINGS = 60, 60_000
STREET = Path(__file__).with_name("street.jpg")
"""A rendered street with a car, whose plate reads NZ-196-Z, and a van."""

Town = tuple[str, Path, MadeTraffic, int]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A served town: its address, its archive, its traffic, and the vehicle that is the car of the street."""
    embedder = make_embedder("histogram")
    plan = MadeTown(CAMERAS)
    with make_archive(tmp_path_factory.mktemp("town"), plan) as archive:
        made = make_traffic(archive, plan, SIGHTINGS, seed=1)
        vehicle = read_twice(made)
        vectors = np.pad(made.vectors, ((0, 0), (0, embedder.dims - made.vectors.shape[1])))
        vectors[made.vehicle == vehicle] = embedder.embed([car()])[0]
        traffic = replace(made, vectors=vectors)
        picture = encode_jpeg(painted("red", seed=1))
        fill(archive, traffic, SIGHTINGS, picture_of=lambda _: picture, model=embedder.model_id)
        path = archive.path
    for address, _ in serve(path):
        yield address, path, traffic, vehicle


def read_twice(traffic: MadeTraffic) -> int:
    """Return the last vehicle whose plate was read at its first two passages, ten minutes apart at most."""
    for vehicle in traffic.vehicle[::-1]:
        rows = np.flatnonzero(traffic.vehicle == vehicle)[:2]
        if len(rows) == 2 and not np.any(rows % 3) and np.ptp(traffic.time_s[rows]) < 600:
            return int(vehicle)
    raise AssertionError("no plate was read twice")


def car() -> Any:
    """Return the car of the street as the page cuts it out."""
    street = decode_image(STREET.read_bytes(), STREET.name)
    box = vehicles_in_photograph(street)[0].box
    whole = replace(box, **{side: float(round(getattr(box, side))) for side in ("x", "y", "width", "height")})
    return crop(street, whole)


@pytest.mark.slow
def test_an_investigator_does_the_whole_job(browser: Any, town: Town, tmp_path: Path) -> None:
    address, path, traffic, vehicle = town
    row = int(np.flatnonzero(traffic.vehicle == vehicle)[0])
    with browser.new_context(timezone_id=VIENNA.key, locale="en") as context:
        visit = Visit(context.new_page())
        visit.page.goto(address)
        drop(visit, STREET)
        choose_another_and_come_back(visit)
        visit.see(".rt-note:has-text('The plate reads NZ1')")
        ask_about(visit, camera_id(int(traffic.camera[row])), time_of(traffic, row), plate_text(vehicle))
        visit.see(".rt-headline:has-text('Seen again')")
        work_on(visit, path, tmp_path, "red")
        visit.page.goto(f"{address.partition('?')[0]}?plate=*77*&ask=1")
        visit.see(".rt-headline:has-text('sightings fit')")
        visit.count(".cell .pct", 0)
