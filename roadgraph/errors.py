"""Define the error of this package; each message says what is wrong, why, and what to do."""


class RoadError(ValueError):
    """A file, a camera, an area or an option that `roadgraph` cannot use."""
