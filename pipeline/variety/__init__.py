"""Variety of sentences: the slots that are planned, and what of them is held."""
