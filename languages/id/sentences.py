"""Indonesian abbreviations: titles, addresses, and those of law and of letters."""

from __future__ import annotations

from languages.sentences import SentenceEnds

_ABBREVIATIONS = """
dr drs dra ir prof sdr sdri tn ny bpk yth h hj kh st jl jln gg no nom kec kab kel prov tgl pk
hlm hal dll dsb dst dkk tsb ttd vol cet ed mr mrs ms jr sr pt cv tbk
"""

SENTENCES = SentenceEnds(abbreviations=frozenset(_ABBREVIATIONS.split()))
