"""Say which characters plates are made of and how common each is."""

from collections.abc import Mapping

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The first characters of Chinese plates."""
CHARACTERS = LETTERS + DIGITS + PROVINCES

_DIGIT_SHARE = 0.5
_PROVINCE_SHARE = 0.02

FREQUENCY: Mapping[str, float] = {
    **{letter: (1 - _DIGIT_SHARE - _PROVINCE_SHARE) / len(LETTERS) for letter in LETTERS},
    **{digit: _DIGIT_SHARE / len(DIGITS) for digit in DIGITS},
    **{province: _PROVINCE_SHARE / len(PROVINCES) for province in PROVINCES},
}
"""Character -> share among the characters of plates: about half are digits."""


def plain(text: str) -> str:
    """Return the text in capitals without spaces, dashes and dots: what makes two plates the same."""
    return "".join(character for character in text.upper() if character in CHARACTERS)
