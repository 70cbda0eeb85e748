"""Sense keys, by which annotated corpora name the senses of Princeton WordNet (senseidx(5WN)).

A key is ``lemma%kind:file:number:head:number``, such as ``drill%1:06:00::``; the last two are the
first word of a satellite's group, and its number.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.sources.princeton_file import PrincetonSynset, PrincetonWordNet
from pipeline.sources.supersenses import LEXICOGRAPHER_FILES

_KINDS = {"n": 1, "v": 2, "a": 3, "r": 4}
_SATELLITE = 5


def sense_keys(database: PrincetonWordNet) -> Mapping[str, tuple[int, str]]:
    """The offset and the letter of the file of each sense, by its key in lower case."""
    file_number = {name: number for number, name in enumerate(LEXICOGRAPHER_FILES)}
    found = {}
    for synset in database:
        kind, tail = _KINDS[synset.pos], ":"
        if synset.head is not None:
            kind, tail = _SATELLITE, _head(database.get(synset.head, synset.pos))
        file = file_number[synset.lexicographer_file]
        for word, number in zip(synset.words, synset.numbers, strict=True):
            key = f"{word.lower()}%{kind}:{file:02d}:{number:02d}:{tail}"
            found[key] = (synset.offset, synset.pos)
    return found


def _head(synset: PrincetonSynset | None) -> str:
    return ":" if synset is None else f"{synset.words[0].lower()}:{synset.numbers[0]:02d}"
