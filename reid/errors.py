"""Define the error of this package; each message says what is wrong, why, and what to do."""


class SeeingError(ValueError):
    """An input of `reid` cannot be used as it is."""
