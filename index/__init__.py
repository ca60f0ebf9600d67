"""Remembering and finding: the archive, the progressive search, simulation and scoring."""
