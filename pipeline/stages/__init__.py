"""The stages: synsets, link, glosses, contexts, judge, select, split, rephrase, release."""
