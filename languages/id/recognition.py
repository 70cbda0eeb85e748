"""What could be an Indonesian word by its letters, and which words show the language."""

from __future__ import annotations

import re

from languages.recognition import Recognition

# What native words and loanwords in Indonesian spelling never have: "th" became t, "ck" k, "x" ks.
_FOREIGN = re.compile(r"th|ck|wh|ph|[xq]|[aiu]gh|(?:[cvwyj]|[lnr]d|[lnrs]t|ct|ll|rr|ff|tt|pp)$")
_VOWEL = re.compile("[aeiouéè]")
_LETTERS = re.compile("[a-zéè]+")

# The commonest words of English, which a model falls back to, but for those that are Indonesian
# too.
_COMMON_ENGLISH = """
a an and are as at be been but by can could did do does for from had has have he her him his how
if in into is it its made make may more most no not of on one or our out over own same she
should so some someone something such than that the their them then there these they this those
to too under up upon used using was we were what when where which who whose why will with would
you your
"""

_COMMON = """
ada adalah agar akan aku anda antara apa apabila atas atau bagi bahwa banyak baru beberapa belum
bila bisa boleh bukan cukup dalam dan dapat dari daripada dengan di dia engkau hanya harus
hingga ia ialah ini itu jika juga kalau kali kami kamu karena ke kembali kepada kita lagi lain
lalu lebih maka masih melalui mereka namun oleh orang pada paling para pernah pula punya saat
saja sambil sampai sangat saya sebagai sebelum sebuah sedang sehingga sejak selalu seluruh semua
sendiri seorang seperti serta sesuatu setelah setiap suatu sudah supaya tanpa tapi telah tempat
terhadap tetapi tiap tidak tiga untuk yaitu yakni yang
"""
_NOT_INDONESIAN = frozenset(_COMMON_ENGLISH.split())
_TELLING = frozenset(_COMMON.split())
_AFFIXED = re.compile(
    r"(?:meng|meny|ber|ter|peng|peny)\w{3,}|me[mn]\w{4,}|(?:ke|pe|per)\w{3,}an|\w{3,}(?:nya|kan)"
)


def well_formed(word: str) -> bool:
    """Whether a word could be Indonesian: its letters, a vowel, no foreign cluster, not English."""
    lowered = word.lower()
    return (
        _LETTERS.fullmatch(lowered) is not None
        and _VOWEL.search(lowered) is not None
        and _FOREIGN.search(lowered) is None
        and lowered not in _NOT_INDONESIAN
    )


def telling(word: str) -> bool:
    """Whether a word is one of the frequent ones, or has an affix that makes Indonesian words."""
    lowered = word.lower()
    return lowered in _TELLING or (_AFFIXED.fullmatch(lowered) is not None and well_formed(lowered))


RECOGNITION = Recognition(well_formed=well_formed, telling=telling)
