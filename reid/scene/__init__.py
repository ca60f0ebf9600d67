"""What the camera itself does: it was moved, it is dark, something is parked in front of it, a part is masked."""
