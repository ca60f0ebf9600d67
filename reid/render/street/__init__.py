"""Lay out streets: the road, what stands beside it, and the picture of it without traffic."""
