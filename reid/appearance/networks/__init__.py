"""Networks of others, for those who have their weights: only their arithmetic is here."""
