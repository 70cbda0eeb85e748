"""What looks like English: letters without marks, and words and endings that hardly another has."""

from __future__ import annotations

import re

from languages.en.function_words import FUNCTION_WORDS
from languages.en.spelling import SPELLING
from languages.recognition import Recognition

# No ending here is that of a Vietnamese, Indonesian, French, Spanish or Italian word.
_TELLING = re.compile(
    r".+(?:ing|ings|[^aeiou]ed|ied|ued|ness|ful|less|ly|ship|hood|tions?|sions?|[aiu]ght|ck|cks"
    r"|sh|shed|th|ths|wn|ism|ist|ists|ous|able|ible|ity|ies|ance|ence|ers?|ate|ates)|wh.+",
)
_VOWEL = re.compile(r"[aeiouy]")


def is_english_word(text: str) -> bool:
    """Whether a word has English letters only, and a vowel unless it is short (``St``, ``mm``)."""
    key = SPELLING.fold(text.lower())
    english = SPELLING.letters.issuperset(text.lower())
    return english and (len(key) < 4 or _VOWEL.search(key) is not None)


def is_telling(text: str) -> bool:
    """Whether a word is a function word, or ends as English words do (-ing, -ness, -ght)."""
    lowered = text.lower()
    return lowered in FUNCTION_WORDS or _TELLING.fullmatch(lowered) is not None


RECOGNITION = Recognition(well_formed=is_english_word, telling=is_telling)
