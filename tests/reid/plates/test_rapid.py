"""rapidocr's reading of a line keeps its doubt at each character."""

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.plates.rapid import decode_ctc, rapid_spelling
from reid.plates.spelling import CHARACTERS


def test_ctc_keeps_the_doubt_where_each_character_is_surest() -> None:
    classes = np.array([-1, CHARACTERS.index("A"), CHARACTERS.index("8"), CHARACTERS.index("B"), -1])
    posterior = np.array(
        [
            [0.9, 0.1, 0, 0, 0],
            [0.3, 0.7, 0, 0, 0],
            [0.0, 0.95, 0.05, 0, 0],
            [0.9, 0.1, 0, 0, 0],
            [0.1, 0, 0.5, 0.4, 0],
            [0.0, 0, 0, 0.1, 0.9],
        ],
        np.float32,
    )
    assert decode_ctc(posterior, classes) == ({"A": 0.95, "8": 0.05}, {"8": 0.5, "B": 0.4})


def test_a_line_of_text_is_read() -> None:
    picture = Pictures.new("RGB", (190, 48), "white")
    ImageDraw.Draw(picture).text((8, 0), "KAB 4821", font=ImageFont.load_default(size=40), fill=(10, 10, 10))
    spelling = rapid_spelling(np.asarray(picture))
    assert spelling.text == "KAB4821"
    assert spelling.confidence == pytest.approx(np.prod([max(one.values()) for one in spelling.characters]), abs=1e-3)


def test_an_empty_picture_has_no_characters() -> None:
    assert rapid_spelling(np.full((30, 100, 3), 200, np.uint8)).characters == ()
