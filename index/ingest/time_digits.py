"""Notice times without signs between their numbers that lost zeros, as a spreadsheet drops them."""

import re

_WIDTHS = {"Y": 4, "j": 3} | dict.fromkeys("ymdHIMS", 2)

_DIRECTIVE = re.compile(r"%(.)|(\s+)|([^%\s]+)", re.DOTALL)

_CLOCK = re.compile(r"(?:\d{8}|\d{4}-\d\d-\d\d)[T ](\d{1,6})")


def has_all_digits(text: str, layout: str) -> bool:
    """Tell whether numbers that stand together in a layout have all their digits in a text.

    Python reads 11305 by %H%M%S as 11:30:05; it was 01:13:05.
    """
    tokens = _DIRECTIVE.findall(layout)
    numbers = [sign in _WIDTHS for sign, *_ in tokens]
    pattern, is_joined = "", False
    for index, (sign, blank, literal) in enumerate(tokens):
        joined = numbers[index] and (any(numbers[index + 1 : index + 2]) or (index > 0 and numbers[index - 1]))
        is_joined = is_joined or joined
        if sign in _WIDTHS:
            pattern += rf"\d{{{_WIDTHS[sign]}}}" if joined else r"\d+"
        else:
            pattern += r"\s*" if blank else re.escape(literal) if literal else ".*?" if sign != "%" else "%"
    return not is_joined or re.fullmatch(pattern, text.strip(), re.IGNORECASE | re.DOTALL) is not None


def clock_digits(text: str) -> int | None:
    """Return how many digits a time of day has that is written without signs; None for others."""
    match = _CLOCK.fullmatch(text)
    return len(match[1]) if match else None
