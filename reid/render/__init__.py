"""Render made-up vehicles, plates and streets whose truth is known to the pixel."""
