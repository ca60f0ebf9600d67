"""Teach what tells body, marks and passengers by a vehicle's vector."""
