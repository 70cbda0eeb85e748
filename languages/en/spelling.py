"""English letters, those of loanwords with their accents among them."""

from __future__ import annotations

from languages.spelling import Spelling

_ACCENTED = {"á": "a", "à": "a", "â": "a", "ä": "a", "ã": "a", "å": "a", "ç": "c", "é": "e",
             "è": "e", "ê": "e", "ë": "e", "í": "i", "î": "i", "ï": "i", "ñ": "n", "ó": "o",
             "ô": "o", "ö": "o", "ú": "u", "û": "u", "ü": "u"}  # fmt: skip
_ONE_SPELLING = str.maketrans(_ACCENTED | {"’": "'"})


def fold_accents(text: str) -> str:
    """Lower-case text without the accents of loanwords (``café``), apostrophes straight."""
    return text.translate(_ONE_SPELLING)


SPELLING = Spelling(
    letters=frozenset("abcdefghijklmnopqrstuvwxyz") | frozenset(_ACCENTED), fold=fold_accents
)
