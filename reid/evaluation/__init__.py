"""Measure how well vehicles are seen and told apart."""
