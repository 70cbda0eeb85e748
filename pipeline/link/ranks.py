"""How frequent a sense of an English word is: its place in Princeton's files ``index.noun`` etc.

A line is ``lemma pos synset_cnt p_cnt [symbols] sense_cnt tagsense_cnt offset ...`` (wndb(5WN)),
the offsets beginning with the most frequent sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pipeline.sources.files import decode, numbered_lines, read_bytes
from pipeline.sources.princeton_file import nltk_corpus
from schemas.errors import InputError

_INDEX = {"n": "index.noun", "v": "index.verb", "a": "index.adj", "r": "index.adv"}


def read_ranks(folder: Path | None) -> Mapping[tuple[str, str, int], int]:
    """The place, from 0, of (word, letter of its file, offset); nothing where the files lack."""
    ranks: dict[tuple[str, str, int], int] = {}
    for pos, name in _INDEX.items():
        where, data = _content(folder, name)
        for number, line in numbered_lines(decode(data, where)) if data else ():
            if line.startswith("  "):
                continue
            try:
                lemma, _, _, n_symbols, *rest = line.split()
                offsets = rest[int(n_symbols) + 2 :]
                for place, offset in enumerate(offsets):
                    ranks[lemma.replace("_", " ").lower(), pos, int(offset)] = place
            except ValueError as error:
                raise InputError(
                    f"{where}, line {number}: not a line of a WordNet index: {line[:40]!r}"
                ) from error
    return ranks


def _content(folder: Path | None, name: str) -> tuple[str, bytes | None]:
    if folder is not None:
        path = folder / name
        return str(path), read_bytes(path) if path.is_file() else None
    root = nltk_corpus()
    if root is None:
        return name, None
    with closing(root.join(name).open()) as file:
        data: bytes = file.read()
    return name, data
