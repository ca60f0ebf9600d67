"""Learn from the archive itself: travel times, camera clocks, and weights adapted to its pictures."""
