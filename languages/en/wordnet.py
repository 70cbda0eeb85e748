"""English word lists in CSV files; Princeton WordNet itself is a kind of source of its own."""

from __future__ import annotations

from languages.wordnet import OwnWordNet

WORDNET = OwnWordNet(prefix="en", name="an English WordNet in CSV files")
