"""Which words without tone or vowel marks could be Vietnamese, by the shape of their syllables.

A syllable that ends in c, ch, p or t always bears a tone mark, and no other final than those of
the list exists, so that most foreign words without marks ("Lincoln", "sapiens", "axit") are told
from unmarked Vietnamese ones ("nha trang", "con trai") by shape alone.
"""

from __future__ import annotations

import re

from schemas.text import syllables

_ONSETS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x"
_RHYMES = (
    "a ai am an ang anh ao au ay e em en eng eo i ia im in inh iu "
    "o oa oai oam oan oang oanh oao oay oe oen oeo oi om on ong oong "
    "u ua ui um un ung uy uya uynh uyu y"
)
_RHYMES_OF_QU = "a ai am an ang anh ao au ay e en eo y ynh"


def _one_of(words: str) -> str:
    return "|".join(words.split())


_SYLLABLE = re.compile(
    rf"(?:(?:{_one_of(_ONSETS)})?(?:{_one_of(_RHYMES)})|qu(?:{_one_of(_RHYMES_OF_QU)}))",
    re.IGNORECASE,
)


def could_be_vietnamese(word: str) -> bool:
    """Whether the word bears a Vietnamese mark or has none but unmarked Vietnamese syllables.

    >>> could_be_vietnamese("trang"), could_be_vietnamese("sô-cô-la")
    (True, True)
    >>> could_be_vietnamese("sapiens"), could_be_vietnamese("Lincoln")
    (False, False)
    """
    if not word.isascii():
        return True
    return all(_SYLLABLE.fullmatch(syllable) for syllable in syllables(word))
