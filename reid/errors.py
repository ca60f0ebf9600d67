"""Name what can go wrong while seeing; each message says what, why and what to do."""


class SeeingError(ValueError):
    """Something given to `reid` cannot be used as it is."""
