"""Indonesian words: a space ends a word, and a hyphen joins the halves of a doubled one."""

from __future__ import annotations

from languages.segmentation import Segmentation, by_spaces

# Doubled words that mean another thing than their halves; a plural ("buku-buku") does not.
_DOUBLED = """
abu-abu agar-agar alap-alap alih-alih alun-alun angan-angan api-api awang-awang baling-baling
biri-biri bisa-bisa bulan-bulan cuma-cuma cumi-cumi diam-diam empek-empek gara-gara gula-gula
hati-hati hura-hura jari-jari kadang-kadang kira-kira kisi-kisi kuda-kuda kunang-kunang kupu-kupu
kura-kura laba-laba labi-labi langit-langit lumba-lumba mata-mata mentang-mentang moga-moga
mudah-mudahan oleh-oleh ondel-ondel orang-orangan otak-otak paru-paru pura-pura
rata-rata sama-sama sia-sia tahu-tahu tiba-tiba undang-undang
undur-undur untung-untung
"""


def doubled_words() -> list[str]:
    """Doubled words whose halves stand for something else alone."""
    return _DOUBLED.split()


SEGMENTATION = Segmentation(segment=by_spaces, unit="word", word_list=doubled_words)
