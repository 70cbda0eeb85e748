"""The folder of a trained model: written whole, opened only where all of it fits together."""
