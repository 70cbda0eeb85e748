"""Metrics by their exact definitions, baselines beside them, and reports."""
