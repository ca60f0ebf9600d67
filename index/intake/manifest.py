"""Read a list of footage: a CSV file with the columns path, camera, start."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from index.errors import ArchiveError
from index.intake.registration import FootageJob
from index.intake.start_time import StartRule

COLUMNS = ("path", "camera", "start")
AUTO, CLOCK = "auto", "clock"
"""The start is told by the file itself, or by the clock burnt into its pictures."""


def read_manifest(path: Path) -> list[FootageJob]:
    """Return the files that the list names; their paths are relative to the list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ArchiveError(f"{path} has no column {missing[0]!r}: its first line must name {','.join(COLUMNS)}")
            jobs = [_job(row, path, line) for line, row in enumerate(reader, start=2)]
    except (UnicodeDecodeError, csv.Error):
        raise ArchiveError(f"{path} is not a CSV file in UTF-8: give columns {','.join(COLUMNS)}") from None
    if not jobs:
        raise ArchiveError(f"{path} names no footage: write one line of {','.join(COLUMNS)} a file")
    return jobs


def start_of(text: str, where: str) -> datetime | None:
    """Return the start that a person wrote, None where the file is to tell it."""
    if text in (AUTO, CLOCK):
        return None
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise ArchiveError(
            f"{where}: {text!r} is not a time: write it as 2026-05-04T08:30:00+02:00, auto or clock"
        ) from None
    if start.tzinfo is None:
        raise ArchiveError(f"{where}: {text!r} has no zone: add it, as in {text}+02:00, or {text}Z if it is UTC")
    return start.astimezone(UTC)


def _job(row: dict[str, str | None], manifest: Path, line: int) -> FootageJob:
    where = f"{manifest}, line {line}"
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    for name, value in values.items():
        if not value:
            raise ArchiveError(f"{where}: {name} is empty: give {','.join(COLUMNS)}")
    rule = StartRule(by_picture=values["start"] == CLOCK)
    return FootageJob(manifest.parent / values["path"], values["camera"], start_of(values["start"], where), rule)
