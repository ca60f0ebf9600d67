"""Ingest footage: register each file, cut it into chunks, watch them in worker processes, describe what passes."""
