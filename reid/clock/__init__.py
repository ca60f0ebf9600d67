"""Clocks that recorders burn into their pictures, and times in the names of files."""
