"""Define the input of the plate networks, and the grid of the locator's output."""

STRIDE = 8
"""One cell of the output covers this many pixels a side."""

MULTIPLE_PX = 32
"""Pictures are a multiple of this many pixels high and wide."""

OFFSET_PX = 32.0
"""The unit of corner offsets from the middle of their cell, in pixels."""

MEAN, SPREAD = 127.5, 127.5
"""Pictures go in as (pixel - MEAN) / SPREAD."""

CUT_WIDTH_PX, CUT_HEIGHT_PX = 96, 48
"""Size of the rough cut of a plate by which its corners are corrected."""

CUT_MARGIN = 0.3
"""Share of a plate's width and height that the rough cut shows on every side: as far as corners may be off."""
