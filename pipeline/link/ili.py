"""The interlingual index: one id for the same synset in all WordNets, read from its table.

A line is ``i5062 TAB 02129165-n``, as in ``ili-map-pwn30.tab`` of the Collaborative Interlingual
Index, which refers to Princeton WordNet 3.0.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path

from pipeline.sources.files import decode, numbered_lines, read_bytes
from pipeline.sources.princeton_file import MAX_SHIFT
from schemas.errors import InputError

PRINCETON = re.compile(r"([0-9]{8})-([nvars])")
"""Offset and part of speech."""
_LINE = re.compile(r"(i[0-9]+)\t([0-9]{8}-[nvars])\s*")


class InterlingualIndex:
    """Interlingual ids by Princeton's offsets, and offsets by ids."""

    def __init__(self, pairs: dict[str, str]) -> None:
        """``pairs`` of id and ``02129165-n``."""
        self._offset_of = {ili: adjectives_joined(princeton) for ili, princeton in pairs.items()}
        self._by_pos: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for ili, princeton in self._offset_of.items():
            self._by_pos[princeton[-1]].append((int(princeton[:8]), ili))
        for found in self._by_pos.values():
            found.sort()

    def princeton(self, ili: str) -> str | None:
        """The offset of an id, if it has one."""
        return self._offset_of.get(ili)

    def ili(self, princeton: str) -> str | None:
        """The id of an offset, or of the one that it was moved from by corrections (Debian's)."""
        offset, pos = int(princeton[:8]), princeton[-1]
        found = self._by_pos.get(pos, [])
        at = bisect_left(found, (offset - MAX_SHIFT, ""))
        if at == len(found) or found[at][0] > offset + MAX_SHIFT:
            return None
        return found[at][1]


def adjectives_joined(princeton: str) -> str:
    """Satellites are adjectives: ``00003700-s`` is ``00003700-a``."""
    return princeton.replace("-s", "-a")


def read_ili(path: Path | None) -> InterlingualIndex:
    """The table in a file; an empty one without a file. InputError names a line that is none."""
    pairs: dict[str, str] = {}
    for number, line in numbered_lines(decode(read_bytes(path), str(path))) if path else ():
        found = _LINE.fullmatch(line)
        if found is None:
            raise InputError(
                f"{path}, line {number}: wanted an interlingual id, a tab and an offset with its "
                f"part of speech (i5062 TAB 02129165-n): {line[:40]!r}"
            )
        pairs[found[1]] = found[2]
    return InterlingualIndex(pairs)
