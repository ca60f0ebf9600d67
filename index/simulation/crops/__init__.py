"""Make cities of which only the pictures that the archive keeps are rendered: `retrace city make --crops`."""
