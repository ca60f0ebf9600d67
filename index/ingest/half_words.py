"""Find the halves of the day that a time or its layout has in words, of which strptime knows AM and PM alone."""

import re

from reid.clock.time_text import AFTER_NOON, BEFORE_NOON, UNSURE_AT_TWELVE

_MORNING = rf"(?<![^\W\d])[Aa]\.? ?[Mm]\b\.?|{BEFORE_NOON}|π\.?μ\.?|(?<![^\W\d])ص(?![^\W\d])"
_AFTERNOON = rf"(?<![^\W\d])[Pp]\.? ?[Mm]\b\.?|{AFTER_NOON}|μ\.?μ\.?|(?<![^\W\d])م(?![^\W\d])"
_BLANKS = re.compile("[\u00a0\u2009\u202f]")

_IN_LAYOUT = re.compile(
    rf"(?<![A-Za-z%])(?:[AP]\.? ?M|[Pp]\.? ?[Mm])(?![A-Za-z])|(?<=%[HMSf]) ?[Aa]\.? ?[Mm](?![A-Za-z])(?!\s*%[dAa])"
    rf"|{BEFORE_NOON}|{AFTER_NOON}|[πμ]\.?μ|(?<!\w)[صم](?!\w)"
)
"""German has am before a day, as in 20:30 am 04.05.2026."""


def with_latin_half(text: str) -> str:
    """Return a time with its half of the day as AM or PM, which Spanish has as p. m. and Chinese as 下午."""
    plain = _BLANKS.sub(" ", text)
    return re.sub(_AFTERNOON, "PM", re.sub(_MORNING, "AM", plain))


def is_unsure_at_twelve(text: str) -> bool:
    """Tell whether the half of the day of a text means noon to some and midnight to others beside 12."""
    return any(word in text for word in UNSURE_AT_TWELVE)


def has_written_half(layout: str) -> bool:
    """Tell whether a layout has a half of the day as it stands, and not as %p."""
    return _IN_LAYOUT.search(_BLANKS.sub(" ", layout)) is not None
