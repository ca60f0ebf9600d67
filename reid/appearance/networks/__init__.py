"""Define networks of other projects, for users who have their weights."""
