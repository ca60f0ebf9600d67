"""Maintain an archive: verify it, rebuild derived parts, purge old sightings, back it up."""
