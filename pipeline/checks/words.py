"""Whether a span is only a part of a longer word: a lexicon and word segmentation must agree.

The lexicon alone is wrong where neighbours make up a word by chance; the segmenter alone is
wrong about one word in twenty. The segmenter is slow, so it is asked only where the lexicon
already says that a longer word covers the span.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from languages.segmentation import Segmenter
from languages.spelling import Spelling

LONGEST_ENTRY = 6
"""Units of the longest lexicon entries that are kept: longer ones are phrases."""

_UNIT = re.compile(r"[^\W_]+")
_LAST_UNIT = re.compile(r"[^\W_]+\Z")
_JOINTS = (" ", "-")
_LONGEST_UNIT = 24  # letters; a word of a longer run is passed over


class WordLexicon:
    """Words of several units, compared by match key; safe to send to another process."""

    def __init__(self, words: Iterable[str], spelling: Spelling) -> None:
        self._fold = spelling.fold
        keys = (_UNIT.findall(spelling.match_key(word)) for word in words)
        kept = [key for key in keys if 1 < len(key) <= LONGEST_ENTRY]
        self._entries = frozenset(" ".join(key) for key in kept)
        self._pairs = frozenset(f"{left} {right}" for key in kept for left, right in pairwise(key))

    def __len__(self) -> int:
        return len(self._entries)

    def covering(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Character spans of the entries in the text that hold ``[start:end]`` and more."""
        if not self._continues(text, start, end):
            return []
        spans = _joined_units(text, start, end)
        keys = [self._key(text[left:right]) for left, right in spans]
        n_before = sum(right <= start for _, right in spans)
        n_after = sum(left >= end for left, _ in spans)
        n_target = len(spans) - n_before - n_after
        found = []
        for length in range(n_target + 1, min(LONGEST_ENTRY, len(spans)) + 1):
            first = max(0, n_before + n_target - length)
            for begin in range(first, min(n_before, len(spans) - length) + 1):
                if " ".join(keys[begin : begin + length]) in self._entries:
                    found.append((spans[begin][0], spans[begin + length - 1][1]))
        return found

    def _continues(self, text: str, start: int, end: int) -> bool:
        """Whether some entry holds the span's edge and its neighbour: quick, and rarely true."""
        target = _UNIT.findall(text[start:end])
        if not target:
            return False
        if start > 1 and text[start - 1] in _JOINTS:
            left = _LAST_UNIT.search(text[max(0, start - _LONGEST_UNIT) : start - 1])
            if left and f"{self._key(left.group())} {self._key(target[0])}" in self._pairs:
                return True
        if end < len(text) and text[end] in _JOINTS:
            right = _UNIT.match(text, end + 1)
            if right and f"{self._key(target[-1])} {self._key(right.group())}" in self._pairs:
                return True
        return False

    def _key(self, unit: str) -> str:
        return _folded(unit, self._fold)


def longer_word(
    text: str, start: int, end: int, lexicon: WordLexicon, segment: Segmenter
) -> str | None:
    """The longer word that holds the span, if the lexicon and the segmenter agree that one does.

    They agree where one word of the segmentation holds the span together with an entry of the
    lexicon that is longer than the span. A target of several units counts as a part only
    where one unit follows it ("hợp tác" in "hợp tác xã"): in "phòng thí nghiệm" or "quyền
    công dân" it is a modifier, and means there what it means alone.
    """
    entries = lexicon.covering(text, start, end)
    if len(_UNIT.findall(text[start:end])) > 1:
        entries = [
            span
            for span in entries
            if span[0] == start and len(_UNIT.findall(text[end : span[1]])) == 1
        ]
    if not entries:
        return None
    for left, right in _words(text, segment(text)):
        for entry_left, entry_right in entries:
            if left <= entry_left and entry_right <= right:
                return text[entry_left:entry_right]
    return None


@lru_cache(maxsize=1 << 16)
def _folded(unit: str, fold: Callable[[str], str]) -> str:
    return fold(unit.casefold())


def _joined_units(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the units around and in ``[start:end]`` with only a space or hyphen between."""
    spans = [found.span() for found in _UNIT.finditer(text)]
    first = last = next(i for i, span in enumerate(spans) if span[1] > start)
    while last + 1 < len(spans) and spans[last + 1][0] < end:
        last += 1
    low, high = first, last
    while low and first - low < LONGEST_ENTRY and _joined(text, spans[low - 1], spans[low]):
        low -= 1
    while (
        high + 1 < len(spans)
        and high - last < LONGEST_ENTRY
        and _joined(text, spans[high], spans[high + 1])
    ):
        high += 1
    return spans[low : high + 1]


def _joined(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    return text[left[1] : right[0]] in _JOINTS


def _words(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Spans of the words of several units; none where words and text do not add up.

    Words are laid against the text by counting units: a segmenter changes spaces, quotes
    and the like, but no letters.
    """
    spans = [found.span() for found in _UNIT.finditer(text)]
    found, position = [], 0
    for word in words:
        count = len(_UNIT.findall(word))
        if count > 1 and position + count <= len(spans):
            found.append((spans[position][0], spans[position + count - 1][1]))
        position += count
    return found if position == len(spans) else []
