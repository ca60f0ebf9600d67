"""Learn from the archive itself: how long vehicles take between cameras, and how far camera clocks are off."""
