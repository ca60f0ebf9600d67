"""Seeing: from pixels to boxes, tracks, embeddings and plates."""
