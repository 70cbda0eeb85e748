"""A frozen teacher's hidden states of marked targets: read once, standardised, kept on disk."""
