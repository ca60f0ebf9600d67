"""Search vectors by camera, time and inner product."""

from collections.abc import Callable

from index.store.archive_file import ArchiveFile
from index.store.catalogue import Catalogue
from index.store.vectors.faiss_store import FaissVectors
from index.store.vectors.hits import ANY, Hit, Scores, VectorStore
from index.store.vectors.milvus_store import MilvusVectors

__all__ = ["ANY", "VECTOR_STORES", "Hit", "Scores", "VectorStore"]

VECTOR_STORES: dict[str, Callable[[ArchiveFile, Catalogue], VectorStore]] = {
    "faiss": FaissVectors,
    "milvus": MilvusVectors,
}
"""The vector stores by the scheme of an archive's vectors URL."""
