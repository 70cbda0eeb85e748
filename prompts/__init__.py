"""Prompt templates in Vietnamese, their catalogue and their inputs, and the models of replies."""
