"""Find the vehicle that a photograph is about."""

from functools import cache

from reid.detect.learned import LearnedDetector, LearnedOptions
from reid.vehicle import Box, Detection, Image

FILLS = 0.55
"""A vehicle that covers this share of the picture was cut out already: the picture is left as it is."""

LEAST_SHARE = 0.002
"""What covers less of a photograph is not what it is about."""


def main_vehicle(image: Image) -> Box | None:
    """Return where the vehicle is that was most likely meant: large and sure; None if the whole picture shows it."""
    height, width = image.shape[:2]
    found = [one for one in _finder().look(image) if _area(one) >= LEAST_SHARE * width * height]
    if not found:
        return None
    meant = max(found, key=lambda one: one.score * _area(one) ** 0.5)
    return None if _area(meant) >= FILLS * width * height else meant.box


@cache
def _finder() -> LearnedDetector:
    return LearnedDetector(LearnedOptions(min_score=0.3))


def _area(found: Detection) -> float:
    return found.box.width * found.box.height
