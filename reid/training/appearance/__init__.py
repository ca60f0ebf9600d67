"""Train the appearance network: rendered and real crops, batches, losses, the loop's task, export and tuning."""
