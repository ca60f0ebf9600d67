"""Draw a picture of each look that made-up vehicles have, so that their archive can be looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.made_town import look_of
from reid.images import encode_jpeg
from reid.render.crops import RenderedCropOptions, draw_crop

SEED = 30_000
"""Used for nothing else."""


@dataclass(frozen=True, slots=True)
class MadePictures:
    """The JPEG pictures of rendered vehicles, by type and colour."""

    by_look: Mapping[tuple[str, str], tuple[bytes, ...]]

    def of(self, vehicle: int) -> bytes:
        """Return a picture with the type and colour of a vehicle, or as near as there is one."""
        look = look_of(vehicle)
        of_type = [key for key in self.by_look if key[0] == look.type]
        of_colour = [key for key in self.by_look if key[1] == look.colour]
        key = (look.type or "", look.colour or "")
        found = self.by_look[next(iter([*([key] if key in self.by_look else []), *of_type, *of_colour, *self.by_look]))]
        return found[vehicle % len(found)]


def draw_pictures(count: int) -> Callable[[int], bytes]:
    """Draw so many vehicles, and return the function that finds a picture for a made-up vehicle."""
    options = RenderedCropOptions(seed=SEED, shots=1, weathers=("sun", "cloud"))
    found: dict[tuple[str, str], list[bytes]] = {}
    for number in range(count):
        crop = draw_crop(options, number)
        found.setdefault((crop.type, crop.colour), []).append(encode_jpeg(crop.image, 88))
    return MadePictures({look: tuple(pictures) for look, pictures in found.items()}).of
