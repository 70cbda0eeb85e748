"""Ids for synsets that come without: from supersense and lemmas, never from order.

The id is 48 bits of a digest over the supersense and the sorted, normalised lemmas, each once.
It stays the same wherever the row stands and in whatever order it lists its lemmas. Rows of
equal content are copies 1, 2, 3, ... of it, the first under the bare id and the others with the
copy's number behind (``3f2a9c01d4be-2``). Copies differ at most in how they are written, so they
are numbered in the order of that, not of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.sources.interface import clean_spaces
from schemas.ids import content_digest

_DIGEST_CHARS = 12


def content_ids(rows: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The ids of (supersense, lemmas) rows, all distinct, in the order of the rows."""
    copies: dict[str, list[int]] = defaultdict(list)
    for index, (supersense, lemmas) in enumerate(rows):
        copies[content_id(supersense, lemmas)].append(index)
    ids = [""] * len(rows)
    for identifier, indexes in copies.items():
        for copy, index in enumerate(sorted(indexes, key=lambda i: rows[i]), 1):
            ids[index] = identifier if copy == 1 else f"{identifier}-{copy}"
    return ids


def content_id(supersense: str, lemmas: Sequence[str]) -> str:
    """The id of a row's content, without a copy's number."""
    distinct = sorted({clean_spaces(lemma) for lemma in lemmas} - {""})
    return content_digest(supersense, *distinct)[:_DIGEST_CHARS]
