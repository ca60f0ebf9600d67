"""The catalogue: everything the archive knows that is not a picture, in SQLite or PostgreSQL.

Each subject has a module of functions that take a `Connection` first; values go in and come out, never rows.
"""

from sqlalchemy import Connection

from index.store.catalogue.database import Catalogue

__all__ = ["Catalogue", "Connection"]
