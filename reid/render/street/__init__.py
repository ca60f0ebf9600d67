"""Lay out streets: the road, objects beside it, and the background picture."""
