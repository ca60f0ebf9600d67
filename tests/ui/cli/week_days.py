"""What each day of a week brings: footage, sightings without video, questions, and a purge."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from index.access.permissions import local_person
from index.answers import Query
from index.records import NewChunk
from index.search.search import search
from index.store.catalogue import models, sightings
from index.store.catalogue.sightings import SightingFilter
from tests.index.conftest import make_sighting
from tests.ui.cli.week import DAY, START, Week, named, wait_for

CAMERAS = ("cam01", "cam02")
FILES_A_DAY = 2
"""For each camera; each shows one vehicle."""

BULK, BULK_CHUNKS = 240, 24
"""Sightings a day that come without video, and in how many chunks: each chunk is a segment until they are merged."""

KEPT_DAYS = 3


def record(week: Week, day: int) -> None:
    """Let each camera record its files of a day."""
    for place, camera in enumerate(CAMERAS):
        for number in range(FILES_A_DAY):
            start = START + day * DAY + number * timedelta(hours=1)
            week.film(named(week, camera, start), 100 * day + 10 * place + number)
            week.expected += 1


def settle(week: Week) -> None:
    """Wait until everything that was recorded is there, once; nothing of before may be lost."""
    wait_for(week, lambda: len(week.ids()) >= week.expected, "the day's footage did not come in")
    ids = week.ids()
    assert len(ids) == week.expected
    assert len(set(ids)) == len(ids)
    assert week.due <= set(ids)
    week.due = set(ids)


def import_bulk(week: Week, day: int) -> None:
    """Add sightings without video, in many small chunks, so that segments are merged."""
    with week.archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    assert used is not None
    dims = used.dims
    assert dims is not None
    for first in range(0, BULK, BULK // BULK_CHUNKS):
        new = [bulk_sighting(day, number, used.id, dims) for number in range(first, first + BULK // BULK_CHUNKS)]
        week.archive.add(NewChunk(None, None, tuple(new)))
    week.expected += BULK


def bulk_sighting(day: int, number: int, model: str, dims: int) -> Any:
    made = make_sighting(day * BULK + number, camera="bulk")
    at = START + day * DAY + timedelta(seconds=60 * number)
    vectors = np.random.default_rng(number).standard_normal((3, dims)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return replace(made, first=at, best=at, last=at, vectors={model: vectors}, plate=None)


def ask(week: Week, times: int) -> None:
    """Ask about sightings of each kind; every question compares with all that is there."""
    ids = sorted(week.due)
    for number in range(times):
        of = ids[number * 7919 % len(ids)]
        ranking = list(search(week.archive, Query(sighting=of, top=5), local_person()))[-1]
        assert ranking.searched.of == len(ids)


def forget(week: Week, day: int) -> None:
    """Purge what is older than the days that are kept, beside the watcher."""
    before = START + (day - KEPT_DAYS) * DAY + timedelta(hours=12)
    done = week.run("purge", "--before", before.isoformat())
    assert done.returncode == 0, done.stderr
    with week.archive.catalogue.reading() as connection:
        assert not [one.id for one in sightings.listing(connection, SightingFilter(end=before - timedelta(hours=6)))]
    left = set(week.ids())
    week.expected -= len(week.due - left)
    week.due &= left
