"""Search vectors by camera, time and inner product."""

from collections.abc import Callable
from pathlib import Path

from index.store.catalogue import Catalogue
from index.store.vectors.faiss_store import FaissVectors
from index.store.vectors.hits import Hit, Scores, VectorStore

__all__ = ["VECTOR_STORES", "Hit", "Scores", "VectorStore"]

VECTOR_STORES: dict[str, Callable[[Path, Catalogue], VectorStore]] = {"faiss": FaissVectors}
"""The vector stores by the scheme of an archive's vectors URL."""
