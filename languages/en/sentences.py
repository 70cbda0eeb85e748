"""English abbreviations."""

from __future__ import annotations

from languages.sentences import SentenceEnds

_ABBREVIATIONS = """
mr mrs ms dr prof rev hon st jr sr gen col capt lt sgt gov sen rep vs etc al approx dept est fig
inc ltd co corp no vol pp ed eds ch sec jan feb mar apr jun jul aug sep sept oct nov dec
mt ft ave blvd rd g e
"""  # g and e are what is left of e.g. and i.e.

SENTENCES = SentenceEnds(abbreviations=frozenset(_ABBREVIATIONS.split()))
