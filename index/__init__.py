"""Remember footage and find vehicles in it. The names below are the public surface; `docs/python.md` shows them in use.

All else is private to its room. Each name is loaded on first use, so that a command which needs one part of the archive
does not load the libraries of all.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.access.permissions import local_person as local_person
    from index.answers import Query as Query
    from index.answers import Ranking as Ranking
    from index.ingest.ingest import ingest as ingest
    from index.ingest.ingest_options import IngestOptions as IngestOptions
    from index.ingest.registration import FootageJob as FootageJob
    from index.search.question import SearchOptions as SearchOptions
    from index.search.search import search as search
    from index.store.archive import Archive as Archive

__all__ = [
    "Archive",
    "FootageJob",
    "IngestOptions",
    "Query",
    "Ranking",
    "SearchOptions",
    "ingest",
    "local_person",
    "search",
]

_HOMES = {
    "Archive": "index.store.archive",
    "FootageJob": "index.ingest.registration",
    "IngestOptions": "index.ingest.ingest_options",
    "Query": "index.answers",
    "Ranking": "index.answers",
    "SearchOptions": "index.search.question",
    "ingest": "index.ingest.ingest",
    "local_person": "index.access.permissions",
    "search": "index.search.search",
}


class _Surface(ModuleType):
    """Finds each public name in its module, and keeps `ingest` and `search` for the functions of these names.

    Python binds a package to its parent when it is imported. The packages `index.ingest` and `index.search` are not
    bound, so that `from index import search` is the function whatever was imported before; `from index.search.story
    import tell_story` finds its package all the same.
    """

    def __getattr__(self, name: str) -> object:
        """Load a public name."""
        if name not in _HOMES:
            raise AttributeError(f"index has no public name {name!r}: it has {', '.join(__all__)}")
        found = getattr(import_module(_HOMES[name]), name)
        super().__setattr__(name, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        """Bind a name, but no package in place of a public function."""
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Surface
