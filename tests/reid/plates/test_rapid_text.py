"""Any text is found where it stands, and read."""

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.images import crop
from reid.plates.rapid import find_text, read_line
from reid.vehicle import Image


def picture() -> Image:
    drawn = Pictures.fromarray(np.full((180, 400, 3), 90, np.uint8))
    for text, place in (("NORTH GATE", (20, 20)), ("08:30:07", (240, 140))):
        ImageDraw.Draw(drawn).text(place, text, font=ImageFont.load_default(22), fill="white")
    return np.array(drawn)


def test_lines_are_found_from_the_top_and_read_again_in_their_place() -> None:
    first, second = find_text(picture())
    assert (first.text, second.text) == ("NORTH GATE", "08:30:07")
    assert abs(second.box.x - 240) < 12
    assert abs(second.box.y - 143) < 12
    assert read_line(crop(picture(), second.box)) == "08:30:07"


def test_where_nothing_is_written_nothing_is_read() -> None:
    assert find_text(np.full((180, 400, 3), 90, np.uint8)) == []
