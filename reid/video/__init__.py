"""Frames with exact times, in and out."""
