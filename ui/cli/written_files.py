"""Write the files that a command is asked for: whole or not at all, and for their owner alone."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Lend a file that gets its name when the block has ended well; a file of that name is replaced, not emptied."""
    from index.store.archive_file import create

    target = path.resolve()
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(create(unfinished), "wb") as file:
            yield file
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
