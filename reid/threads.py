"""Keep a process that is one of several to one thread, so that they do not get in each other's way."""

import cv2


def stay_on_one_thread() -> None:
    """Let OpenCV work on the calling thread alone."""
    cv2.setNumThreads(1)
