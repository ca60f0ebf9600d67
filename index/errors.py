"""Name what can go wrong while remembering and finding; each message says what, why and what to do."""


class ArchiveError(ValueError):
    """Something asked of an archive cannot be done as it was asked."""


UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, AttributeError)
"""What comes of a stored value of another kind than the program ever writes."""


def unforeseen_line(error: Exception) -> str:
    """Return a line for an error that nobody foresaw: an edited value of an archive, or a fault of the program."""
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return (
        f"this cannot be shown ({said}): retrace verify says whether a value in the catalogue was edited or damaged; "
        "if none was, please report it, with what the server printed"
    )


def one_line(error: Exception) -> str:
    """Return the message of an error without line breaks."""
    return " ".join(str(error).split())
