"""Measured claims: each module prints one JSON object a line, with the peer measured in the same run."""
