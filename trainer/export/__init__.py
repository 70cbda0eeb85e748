"""A trained encoder as a folder that needs nothing of this project to be opened."""
