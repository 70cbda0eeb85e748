"""A WordNet of Indonesian in CSV files; none is published in this form."""

from __future__ import annotations

from languages.wordnet import OwnWordNet

WORDNET = OwnWordNet(prefix="idwn", name="WordNet", url="", licence="not stated")
