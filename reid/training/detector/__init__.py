"""Train the detector: streets to learn from, what is shown of them, what is asked, and the recipe."""
