"""Indonesian letters: the Latin alphabet, with é and è where a dictionary tells the two from e."""

from __future__ import annotations

from string import ascii_lowercase

from languages.spelling import Spelling

SPELLING = Spelling(letters=frozenset(ascii_lowercase + "éè"))
