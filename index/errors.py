"""Name what can go wrong while remembering and finding; each message says what, why and what to do."""


class ArchiveError(ValueError):
    """Something asked of an archive cannot be done as it was asked."""


UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, AttributeError)
"""What comes of a stored value of another kind than the program ever writes."""


def one_line(error: Exception) -> str:
    """Return the message of an error without line breaks."""
    return " ".join(str(error).split())
