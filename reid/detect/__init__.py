"""Find vehicles in frames."""
