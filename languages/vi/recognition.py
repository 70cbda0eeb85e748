"""What has the form of a Vietnamese syllable: an onset, a rhyme and a tone from closed sets."""

from __future__ import annotations

import re
import unicodedata

from languages.recognition import Recognition
from languages.vi.spelling import TONES

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
_STOPS = ("c", "p", "t", "ch")
_STOP_TONES = ("\u0301", "\u0323")  # syllables that end in a stop have sắc or nặng

_PLAIN_SYLLABLES = frozenset(
    [onset + rhyme for onset in ["", *_ONSETS.split()] for rhyme in _RHYMES.split()]
    + ["gi", "q" + "ua", *("q" + rhyme for rhyme in _RHYMES_AFTER_Q)]
    + ["g" + rhyme for rhyme in ("i", "in", "iêc", "iêng", "iêt", "iêm", "iên", "iêu")]
)
_TONE = re.compile(f"[{TONES}]")


def is_syllable(text: str) -> bool:
    """Whether a word is a well-formed Vietnamese syllable, in any case of letters."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    tones = _TONE.findall(decomposed)
    plain = unicodedata.normalize("NFC", _TONE.sub("", decomposed))
    if len(tones) > 1 or plain not in _PLAIN_SYLLABLES:
        return False
    return not plain.endswith(_STOPS) or (bool(tones) and tones[0] in _STOP_TONES)


def has_marks(text: str) -> bool:
    """Whether a word has a letter beyond ASCII, as two Vietnamese words in three have."""
    return not text.isascii()


RECOGNITION = Recognition(well_formed=is_syllable, telling=has_marks)
