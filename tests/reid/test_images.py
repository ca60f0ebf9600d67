import io
import os
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from reid import images
from reid.errors import SeeingError
from reid.vehicle import Box


def saved(path: Path, image: np.ndarray, **options: object) -> Path:
    Pictures.fromarray(image).save(path, **options)
    return path


@pytest.fixture
def gradient() -> np.ndarray:
    return np.stack(np.broadcast_arrays(np.arange(60)[:, None] * 4, np.arange(80)[None] * 3, 50), axis=2).astype(
        np.uint8
    )


def test_a_png_comes_back_as_it_was_in_rgb(tmp_path: Path, gradient: np.ndarray) -> None:
    assert np.array_equal(images.read_image(saved(tmp_path / "a.png", gradient)), gradient)


def test_a_photograph_is_turned_as_its_exif_says(tmp_path: Path, gradient: np.ndarray) -> None:
    exif = Pictures.Exif()
    exif[0x0112] = 6
    turned = images.read_image(saved(tmp_path / "a.png", gradient, exif=exif))
    assert np.array_equal(turned, np.rot90(gradient, -1))


def test_transparent_and_grey_pictures_become_rgb(tmp_path: Path) -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    assert images.read_image(saved(tmp_path / "clear.png", clear)).tolist() == np.full((4, 4, 3), 255).tolist()
    assert (
        images.read_image(saved(tmp_path / "grey.png", np.full((4, 4), 77, np.uint8))).tolist()
        == np.full((4, 4, 3), 77).tolist()
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "is empty", id="zero bytes"),
        pytest.param(b"plate,camera\n1,2\n", "is not a picture", id="a table"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF broken", "picture|decoded", id="a JPEG cut off in its header"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "query.jpg"
    path.write_bytes(content)
    with pytest.raises(SeeingError, match=says) as caught:
        images.read_image(path)
    assert "query.jpg" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_cut_off_half_way_is_refused(tmp_path: Path) -> None:
    data = io.BytesIO()
    Pictures.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3)).astype(np.uint8)).save(data, "JPEG")
    path = tmp_path / "half.jpg"
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    with pytest.raises(SeeingError, match="cannot be decoded"):
        images.read_image(path)


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    with pytest.raises(SeeingError, match="80x60 pixels"):
        images.read_image(saved(tmp_path / "a.png", np.zeros((60, 80, 3), np.uint8)))


def test_a_crop_is_cut_to_the_picture_and_a_copy(gradient: np.ndarray) -> None:
    cut = images.crop(gradient, Box(70, 50, 30, 30))
    assert np.array_equal(cut, gradient[50:60, 70:80])
    cut[:] = 0
    assert gradient[55, 75].any()


def test_a_box_outside_the_picture_is_refused(gradient: np.ndarray) -> None:
    with pytest.raises(SeeingError, match="no pixel of the 80x60 picture"):
        images.crop(gradient, Box(90, 10, 5, 5))


def test_jpeg_bytes_come_back_nearly_the_same_and_always_alike(gradient: np.ndarray) -> None:
    data = images.encode_jpeg(gradient)
    assert data == images.encode_jpeg(gradient)
    assert np.abs(images.decode_jpeg(data).astype(int) - gradient).mean() < 3


def test_a_damaged_stored_picture_points_at_verify() -> None:
    with pytest.raises(SeeingError, match="retrace verify"):
        images.decode_jpeg(b"not a picture")


def test_sharpness_falls_with_blur(gradient: np.ndarray) -> None:
    import cv2

    busy = np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    assert images.sharpness(busy) > 10 * images.sharpness(np.asarray(cv2.GaussianBlur(busy, (9, 9), 3)))


def test_a_file_of_another_kind_is_refused_whatever_its_name_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow would start Ghostscript for PostScript."""
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "car.jpg"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n%%EOF\n")
    with pytest.raises(SeeingError, match="is not a picture"):
        images.read_image(path)
    assert not (tmp_path / "started").exists()


def test_a_small_file_of_very_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Pictures.new("RGBA", (9990, 9990)).save(path, compress_level=9)
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(SeeingError, match="9990x9990 pixels, more than 64 million"):
            images.read_image(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "car.jpg")
    for path in (tmp_path / "car.jpg", Path("/dev/zero")):
        with pytest.raises(SeeingError, match="give a picture file"):
            images.read_image(path)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        pytest.param(np.zeros((1, 1, 3), np.uint8), "x.png is 1 x 1 pixels, too small to compare", id="one pixel"),
        pytest.param(np.zeros((15, 400, 3), np.uint8), "x.png is 400 x 15 pixels, too small", id="a strip"),
        pytest.param(np.full((30, 40, 3), 120, np.uint8), "x.png shows a single colour", id="flat"),
    ],
)
def test_a_picture_that_shows_no_vehicle_is_refused(image: np.ndarray, why: str, gradient: np.ndarray) -> None:
    images.check_shows_vehicle(gradient, "gradient.png")
    with pytest.raises(SeeingError, match=why):
        images.check_shows_vehicle(image, "x.png")


def test_exif_of_a_kind_that_cannot_be_written_again_is_one_line(gradient: np.ndarray) -> None:
    """Turning a picture upright writes its EXIF data anew: here a text holds a fraction."""
    exif = Pictures.Exif()
    exif[0x0112] = 6
    exif[0x0132] = "2026:05:04 08:00:00"
    file = io.BytesIO()
    Pictures.fromarray(gradient).save(file, "TIFF", exif=exif)
    data = file.getvalue()
    entry = data.index(bytes([0x32, 0x01, 0x02, 0x00]))
    broken = data[: entry + 2] + bytes([0x05]) + data[entry + 3 : entry + 4] + bytes([1, 0, 0, 0]) + data[entry + 8 :]
    assert images.decode_image(broken, "broken.tiff").shape == (80, 60, 3)


def test_a_file_that_is_larger_than_any_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "car.jpg"
    path.write_bytes(b"\xff\xd8")
    os.truncate(path, 1 << 40)
    with pytest.raises(SeeingError, match="which no picture has"):
        images.read_image(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_stored_picture_of_very_many_pixels_does_not_reach_opencv(kind: str, gradient: np.ndarray) -> None:
    """It may have come with somebody's archive: 10 kB took 4 GB, or ended in an internal error."""
    file = io.BytesIO()
    Pictures.fromarray(gradient).save(file, kind)
    data = bytearray(file.getvalue())
    if kind == "PNG":
        data[16:24] = (30_000).to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    else:
        frame = data.index(b"\xff\xc0") + 5
        data[frame : frame + 4] = (30_000).to_bytes(2, "big") * 2
    with pytest.raises(SeeingError, match="retrace verify"):
        images.decode_jpeg(bytes(data))
