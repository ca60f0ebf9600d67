"""Train networks: rendered and real pictures, augmentation, the training loop, and export with a card."""
