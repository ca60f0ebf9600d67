"""Describe the appearance of vehicles: vectors to compare, and attributes in words."""
