"""Training: batches, losses over them, steps, checkpoints."""
