"""Make traffic that is known, and score what was found against it."""
