"""Signals about each candidate sense, and their combination into one score."""
