"""The stages: synsets, glosses, contexts, judge, select, split, release."""
