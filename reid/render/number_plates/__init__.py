"""Draw number plates: layouts, characters, wear."""
