"""Files that training keeps, and weights that others made: one clear line where they fail."""
