"""Meaning vectors of words in context, distilled from a frozen teacher (arXiv 2409.08719)."""
