"""The pages: a function each, from what is looked at and what was asked to a page's values."""
