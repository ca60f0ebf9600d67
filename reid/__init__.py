"""See: turn pixels into boxes, tracks, embeddings and plates."""
