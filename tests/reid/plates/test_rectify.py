import cv2
import numpy as np
import pytest

from reid.plates.rectify import plate_band, quad_size, rectified, unrolled

PAPER = np.full((120, 200, 3), 90, np.uint8)


def halved(width: int = 60, height: int = 20) -> np.ndarray:
    """Return a board whose left half is black and whose right half is white, with a red top row third."""
    board = np.zeros((height, width, 3), np.uint8)
    board[:, width // 2 :] = 255
    board[: height // 4] = (255, 0, 0)
    return board


def laid(board: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the paper with the board laid on a quad given in edge coordinates."""
    height, width = board.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (corners - 0.5).astype(np.float32))
    size = PAPER.shape[1::-1]
    drawn = cv2.warpPerspective(board, warp, size)
    inside = cv2.warpPerspective(np.full(board.shape[:2], 255, np.uint8), warp, size) > 127
    return np.where(inside[..., None], drawn, PAPER)


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([[50, 40], [110, 40], [110, 60], [50, 60]], id="upright"),
        pytest.param([[50, 30], [120, 55], [113, 76], [43, 51]], id="turned"),
        pytest.param([[50, 30], [140, 45], [140, 95], [55, 55]], id="seen from the side"),
    ],
)
def test_a_plate_is_laid_flat_however_it_lies(corners: list[list[float]]) -> None:
    quad = np.array(corners, np.float32)
    flat = rectified(laid(halved(), quad), quad, 60, 20).astype(int)
    assert flat.shape == (20, 60, 3)
    assert flat[8:18, 4:26].mean() < 25
    assert flat[8:18, 34:56].mean() > 230
    assert flat[1:4, 5:55, 0].mean() > 200 > 80 > flat[1:4, 5:25, 1].mean()


def test_the_margin_is_a_share_of_the_plate_on_every_side() -> None:
    quad = np.array([[50, 40], [110, 40], [110, 60], [50, 60]], np.float32)
    flat = rectified(laid(np.full((20, 60, 3), 255, np.uint8), quad), quad, 80, 40, margin=0.25).astype(int)
    white = flat.mean(axis=2) > 180
    assert white.sum(axis=1).max() == pytest.approx(80 / 1.5, abs=2)
    assert white.sum(axis=0).max() == pytest.approx(40 / 1.5, abs=2)


def test_a_plate_that_reaches_beyond_the_picture_is_still_cut_out() -> None:
    quad = np.array([[-10, -5], [60, -5], [60, 20], [-10, 20]], np.float32)
    assert rectified(PAPER, quad, 64, 24, margin=0.1).shape == (24, 64, 3)


def test_a_large_plate_is_averaged_rather_than_skipped_over() -> None:
    fine = np.zeros((400, 800, 3), np.uint8)
    fine[:, ::2] = 255
    whole = np.array([[0, 0], [800, 0], [800, 400], [0, 400]], np.float32)
    flat = rectified(fine, whole, 80, 40)
    assert flat[5:-5, 5:-5].std() < 8
    assert flat.mean() == pytest.approx(127.5, abs=4)


def test_the_size_of_a_quad_is_that_of_its_sides() -> None:
    turned = np.array([[0, 0], [4, 3], [1, 7], [-3, 4]], np.float32)
    assert quad_size(turned) == pytest.approx((5.0, 5.0))


def test_an_unrolled_plate_has_its_upper_line_left_and_its_lower_one_right() -> None:
    board = np.zeros((40, 60, 3), np.uint8)
    board[:20], board[20:] = (255, 0, 0), (0, 0, 255)
    quad = np.array([[50, 30], [110, 36], [110, 76], [50, 70]], np.float32)
    flat = unrolled(laid(board, quad), quad, 80, 40, margin=0.05).astype(int)
    assert flat.shape == (40, 80, 3)
    left, right = flat[8:32, 8:34], flat[8:34, 46:74]
    assert left[..., 0].mean() > 220 > 40 > left[..., 2].mean()
    assert right[..., 2].mean() > 200 > 60 > right[..., 0].mean()


def test_a_part_of_a_plate_lies_between_its_left_and_right_edges() -> None:
    quad = np.array([[0, 0], [10, 2], [10, 12], [0, 8]], np.float32)
    assert plate_band(quad, 0.5, 1.0).tolist() == [[0, 4], [10, 7], [10, 12], [0, 8]]
