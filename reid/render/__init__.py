"""Render synthetic vehicles, plates and streets with exact ground truth."""
