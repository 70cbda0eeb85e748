"""Readers of the sets on which words in context are measured; none of them is shipped."""
