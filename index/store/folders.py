"""Walk through a folder of an archive or of a report, which may come from anybody and be as deep as they like."""

import os
from collections.abc import Iterator
from pathlib import Path

from index.errors import ArchiveError

MOST_DEPTH = 64
"""Folders in folders: what an archive or a report has is much less deep, and a thousand of them stop Python."""


def everything_in(folder: Path) -> Iterator[Path]:
    """Yield all files and folders in a folder, in no order; links are not followed, too deep ones are refused."""
    left = [(folder, 0)] if folder.is_dir() else []
    while left:
        place, depth = left.pop()
        if depth > MOST_DEPTH:
            raise ArchiveError(
                f"{folder} has folders in folders more than {MOST_DEPTH} deep, which no archive or report has: "
                "delete them, or restore a backup"
            )
        with os.scandir(place) as entries:
            for one in entries:
                yield place / one.name
                if one.is_dir(follow_symlinks=False):
                    left.append((place / one.name, depth + 1))
