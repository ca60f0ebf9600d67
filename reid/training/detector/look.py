"""Hold a moment of a street as a camera shows it."""

from dataclasses import dataclass

from reid.detect.channels import Grey
from reid.vehicle import Image


@dataclass(frozen=True, slots=True)
class Look:
    """The picture, the grey frame before it, the empty scene, and how much that wavers: all of one size."""

    picture: Image
    before: Grey
    empty: Image
    wavering: Grey
