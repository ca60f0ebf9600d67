"""Nearness of looks: vectors by camera and time, found again by inner product."""

from collections.abc import Callable
from pathlib import Path

from index.catalogue import Catalogue
from index.vectors.faiss_store import FaissVectors
from index.vectors.hits import Hit, VectorStore

__all__ = ["VECTOR_STORES", "Hit", "VectorStore"]

VECTOR_STORES: dict[str, Callable[[Path, Catalogue], VectorStore]] = {"faiss": FaissVectors}
"""The scheme of an archive's vectors URL -> what makes the store for a folder and a catalogue."""
