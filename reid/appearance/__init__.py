"""Describe how a vehicle looks: vectors to compare, and words."""
