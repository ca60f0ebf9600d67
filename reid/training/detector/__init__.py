"""Train the detector: rendered streets, augmentation, samples, losses, and the recipe of its weights."""
