"""Watch a folder and take in each file of footage that is finished, for as long as wanted."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import footage
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.ingest import IngestedFootage, IngestOptions, ingest
from index.intake import footage_changes
from index.intake.folder_watch import FolderOptions, FolderWatch
from index.intake.ledger import Ledger
from index.intake.progress import Report
from index.intake.registration import FootageJob
from index.office import access
from index.office.access import Permission

if TYPE_CHECKING:
    from index.archive import Archive

LOOK_EVERY_S = 2.0

AT_ONCE = 8
"""Files that are taken in together; each is told of when all of them are done."""


def watch(
    archive: "Archive",
    folder: Path,
    person: Person,
    options: IngestOptions,
    where: FolderOptions,
    *,
    once: bool = False,
    ended: Callable[[], bool] | None = None,
    report: Report | None = None,
) -> Iterator[IngestedFootage]:
    """Yield what became of each new file, until nothing more will come because the source `ended` (None: forever).

    With `once`, only the files that are finished now. It can be stopped at any moment: what was not finished is found
    again by the next watch.
    """
    access.require(archive, person, Permission.INGEST)
    ledger = Ledger(archive.path, folder)
    watching = FolderWatch(folder, where, ledger)
    looks = 0
    while True:
        last = ended is not None and ended()
        finished = watching.look(time.monotonic())
        for start in range(0, len(finished), AT_ONCE):
            yield from _take_in(archive, watching, ledger, finished[start : start + AT_ONCE], person, options, report)
        looks += 1
        if last or (once and (looks > 1 or where.rest_s == 0)):
            return
        time.sleep(where.rest_s if once else min(LOOK_EVERY_S, where.rest_s or LOOK_EVERY_S / 4))


def _take_in(
    archive: "Archive",
    watching: FolderWatch,
    ledger: Ledger,
    paths: Sequence[Path],
    person: Person,
    options: IngestOptions,
    report: Report | None,
) -> Iterator[IngestedFootage]:
    jobs: list[FootageJob] = []
    for path in paths:
        try:
            jobs.append(watching.job(path))
        except ArchiveError as error:
            watching.set_aside(path)
            yield IngestedFootage(str(path), None, 0, 0.0, 0.0, "failed", str(error))
    for job, outcome in zip(jobs, ingest(archive, jobs, person, options, report), strict=True):
        if outcome.sha256 is None or outcome.status == "failed":
            watching.set_aside(job.path)
        else:
            _replace_shorter(archive, person, ledger.sha256(job.path), outcome.sha256)
            watching.done(job.path, outcome.sha256)
        yield outcome


def _replace_shorter(archive: "Archive", person: Person, before: str | None, now: str) -> None:
    """Forget what was taken of a file that went on growing afterwards: the same camera and start, now longer."""
    if before is None or before == now:
        return
    with archive.catalogue.reading() as connection:
        old, new = footage.get(connection, before), footage.get(connection, now)
    if old is None or new is None or (old.camera, old.start) != (new.camera, new.start):
        return
    if old.duration_s <= new.duration_s:
        footage_changes.remove(archive, person, before)
