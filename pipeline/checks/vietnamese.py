"""Whether a text is Vietnamese: by the form of its syllables, without a language model.

A Vietnamese syllable is an onset, a rhyme and a tone from closed sets. Names, acronyms and
numbers say nothing about the language of a sentence, so they are not counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_ONSETS = """b c ch d đ g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x qu"""
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êc êch êm ên êng ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu y yêm yên yêng yêt yêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet
oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt
u ua uân uâng uât uây uc uê uêch uên uênh uêt uêu ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
uy uya uych uyên uyêt uyn uynh uyp uyt uyu
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""
_RHYMES_AFTER_Q = ["uynh", "uych", "uyt", "uyp", "uyên", "uyêt", "uyn", "uya"]
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPS = ("c", "p", "t", "ch")
_STOP_TONES = ("\u0301", "\u0323")  # syllables that end in a stop have sắc or nặng

_PLAIN_SYLLABLES = frozenset(
    [onset + rhyme for onset in ["", *_ONSETS.split()] for rhyme in _RHYMES.split()]
    + ["gi", "q" + "ua", *("q" + rhyme for rhyme in _RHYMES_AFTER_Q)]
    + ["g" + rhyme for rhyme in ("i", "in", "iêc", "iêng", "iêt", "iêm", "iên", "iêu")]
)
_TONE = re.compile(f"[{_TONES}]")
# Letters of other scripts; Latin with its extensions, Greek and modifier letters are allowed.
_OTHER_SCRIPT = re.compile(
    r"[^\W\d_\u0000-\u03ff\u1d00-\u1fff\u2070-\u209f\u2100-\u218f]", re.UNICODE
)
_NUMBER, _NAME, _OTHER, _PLAIN, _ACCENTED = range(5)

FEW = 5
"""Words below which the share of accents says nothing."""


def is_syllable(text: str) -> bool:
    """Whether a word is a well-formed Vietnamese syllable, in any case of letters."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    tones = _TONE.findall(decomposed)
    plain = unicodedata.normalize("NFC", _TONE.sub("", decomposed))
    if len(tones) > 1 or plain not in _PLAIN_SYLLABLES:
        return False
    return not plain.endswith(_STOPS) or (bool(tones) and tones[0] in _STOP_TONES)


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> int:
    if not word.isalpha():
        return _NUMBER
    if is_syllable(word):
        return _PLAIN if word.isascii() else _ACCENTED
    return _NAME if word[0].isupper() else _OTHER


class Shares(NamedTuple):
    """Shares among the counted words of a text; both are 1 where too few are counted."""

    formed: float
    """Of well-formed syllables."""
    accented: float
    """Of well-formed syllables with a letter beyond ASCII."""


def shares(words: Sequence[str]) -> Shares:
    """How much of a text is Vietnamese, given its words.

    Counted are words of letters only that are not foreign names or acronyms (capitalised and
    not well formed). Below ``FEW`` of them nothing is said about accents: "hai con trâu" is
    Vietnamese with one accent in three.
    """
    kinds = [_kind(word) for word in words]
    accented, plain = kinds.count(_ACCENTED), kinds.count(_PLAIN)
    counted = accented + plain + kinds.count(_OTHER)
    if not counted:
        return Shares(0.0 if _NAME in kinds else 1.0, 0.0 if _NAME in kinds else 1.0)
    return Shares((accented + plain) / counted, accented / counted if counted >= FEW else 1.0)


def foreign_script(text: str) -> str | None:
    """The first letter of another script than Latin or Greek."""
    found = _OTHER_SCRIPT.search(text)
    return found.group() if found else None
