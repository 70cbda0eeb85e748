"""For each noise code one lexicon that passes and one that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.sources.rules import NoiseCode

Lemmas = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """The lemmas of one synset or more, of one supersense."""

    passing: tuple[Lemmas, ...]
    failing: tuple[Lemmas, ...]


def _lemma(passing: str, failing: str) -> Example:
    return Example(((passing,),), ((failing,),))


EXAMPLES: Mapping[NoiseCode, Example] = {
    NoiseCode.STRAY_CHARACTER: _lemma("xì phé", "xì\u200b phé"),
    NoiseCode.EMPTY_LEMMA: Example((("dở", "dở dang"),), (("dở", " "),)),
    NoiseCode.TEMPLATE_RESIDUE: _lemma("bản mẫu", "Bản mẫu : new vie adv"),
    NoiseCode.FOREIGN_SCRIPT: _lemma("tia an-pha", "tia α"),
    NoiseCode.FOREIGN_LETTER: _lemma("mèo rừng", "Felis concolor"),
    NoiseCode.FOREIGN_PHRASE: _lemma("canh chua", "Homo sapiens"),
    NoiseCode.STRAY_PUNCTUATION: _lemma("K’Ho", "(thuộc) môn phái"),
    NoiseCode.NO_LETTER: _lemma("tỉ lệ %", "1/100"),
    NoiseCode.OVER_LONG: _lemma(
        "máy khoan cầm tay", "dụng cụ chạy bằng điện dùng để khoan lỗ trên tường"
    ),
    NoiseCode.REPEATED_LEMMA: Example((("hòa", "hoả"),), (("hòa", "Hoà"),)),
    NoiseCode.NO_LEMMA_LEFT: Example((("sao Thổ", "Saturn"),), (("=",),)),
    NoiseCode.INDISTINCT_SYNSET: Example(
        (("khoan", "máy khoan"), ("khoan",)), (("khoan", "máy khoan"), ("máy khoan", "Khoan"))
    ),
}
