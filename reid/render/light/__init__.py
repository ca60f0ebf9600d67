"""Light, weather, shading, lens and sensor of the renderer."""
