"""Vietnamese abbreviations, and foreign ones that stand in Vietnamese text."""

from __future__ import annotations

from languages.sentences import SentenceEnds

_ABBREVIATIONS = """
tp tx tt gs pgs ts ths bs cn ks kts ds ls nxb ubnd đc tcn scn
st mr mrs ms dr prof no vol jr sr
"""

SENTENCES = SentenceEnds(abbreviations=frozenset(_ABBREVIATIONS.split()))
