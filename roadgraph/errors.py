"""Name what can go wrong with roads, cameras and time; each message says what, why and what to do."""


class RoadError(ValueError):
    """Something given to `roadgraph` cannot be used as it is."""
