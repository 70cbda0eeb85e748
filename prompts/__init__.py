"""The catalogue of prompt templates, what they are asked with, and the models of replies."""
