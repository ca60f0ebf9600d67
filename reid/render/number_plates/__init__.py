"""Draw number plates: layouts, characters, and camera views."""
