"""How a lemma is written in the tables."""

from __future__ import annotations

from schemas.text import normalise


def clean_spaces(lemma: str) -> str:
    """The lemma in NFC with single spaces; an underscore, as WordNets write it, is a space.

    >>> clean_spaces(" Aaron_Montgomery  Ward")
    'Aaron Montgomery Ward'
    """
    return normalise(lemma.replace("_", " "))
