"""Walk through the folders that somebody gives, however deep they are and whatever may not be read in them."""

import os
from collections.abc import Iterator
from pathlib import Path

MOST_DEPTH = 64
"""Folders in folders; what lies deeper is not looked at: a thousand of them stopped a watch for ever."""


def files_below(folder: Path, *, hidden: bool = False) -> Iterator[Path]:
    """Yield what lies in a folder and in those in it, in no order; links to folders are not followed.

    Names that begin with a dot are left out, unless `hidden` ones are wanted.
    """
    left = [(folder, 0)]
    while left:
        place, depth = left.pop()
        try:
            with os.scandir(place) as entries:
                found = [one for one in entries if hidden or not one.name.startswith(".")]
        except OSError:
            # Gone meanwhile, or not for this user.
            continue
        for one in found:
            path = place / one.name
            yield path
            if depth < MOST_DEPTH and one.is_dir(follow_symlinks=False):
                left.append((path, depth + 1))
