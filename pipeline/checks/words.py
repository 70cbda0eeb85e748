"""Whether a span is only a part of a longer word: a lexicon and word segmentation must agree.

The lexicon alone is wrong where neighbours make up a word by chance; the segmenter alone is
wrong about one word in twenty. The segmenter is slow, so it is asked only where the lexicon
already says that a longer word covers the span.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from schemas.text import fold_tones, match_key

LONGEST_ENTRY = 6
"""Syllables of the longest lexicon entries that are kept: longer ones are phrases."""

Segmenter: TypeAlias = Callable[[str], list[str]]
"""Splits a sentence into its words in order, punctuation being words of its own."""

_SYLLABLE = re.compile(r"[^\W_]+")
_LAST_SYLLABLE = re.compile(r"[^\W_]+\Z")
_JOINTS = (" ", "-")
# underthesea imports these if it can, and with them torch and transformers where they are
# installed: 240 MB and seconds in each process, for nothing that is used here.
_UNUSED_PARTS = (
    "underthesea.address",
    "underthesea.agent",
    "underthesea.pipeline.classification",
    "underthesea.pipeline.dependency_parse",
    "underthesea.pipeline.lang_detect",
    "underthesea.pipeline.sentiment",
    "underthesea.pipeline.translate",
)
_LONGEST_SYLLABLE = 24  # letters; a Vietnamese one has at most seven


class WordLexicon:
    """Words of several syllables, compared by match key; safe to send to another process."""

    def __init__(self, words: Iterable[str]) -> None:
        keys = (_SYLLABLE.findall(match_key(word)) for word in words)
        kept = [key for key in keys if 1 < len(key) <= LONGEST_ENTRY]
        self._entries = frozenset(" ".join(key) for key in kept)
        self._pairs = frozenset(f"{left} {right}" for key in kept for left, right in pairwise(key))

    def __len__(self) -> int:
        return len(self._entries)

    def covering(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Character spans of the entries in the text that hold ``[start:end]`` and more."""
        if not self._continues(text, start, end):
            return []
        spans = _joined_syllables(text, start, end)
        keys = [_key(text[left:right]) for left, right in spans]
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
        target = _SYLLABLE.findall(text[start:end])
        if not target:
            return False
        if start > 1 and text[start - 1] in _JOINTS:
            left = _LAST_SYLLABLE.search(text[max(0, start - _LONGEST_SYLLABLE) : start - 1])
            if left and f"{_key(left.group())} {_key(target[0])}" in self._pairs:
                return True
        if end < len(text) and text[end] in _JOINTS:
            right = _SYLLABLE.match(text, end + 1)
            if right and f"{_key(target[-1])} {_key(right.group())}" in self._pairs:
                return True
        return False


def longer_word(
    text: str, start: int, end: int, lexicon: WordLexicon, segment: Segmenter
) -> str | None:
    """The longer word that holds the span, if the lexicon and the segmenter agree that one does.

    They agree where one word of the segmentation holds the span together with an entry of the
    lexicon that is longer than the span. A target of several syllables counts as a part only
    where one syllable follows it ("hợp tác" in "hợp tác xã"): in "phòng thí nghiệm" or "quyền
    công dân" it is a modifier, and means there what it means alone.
    """
    entries = lexicon.covering(text, start, end)
    if len(_SYLLABLE.findall(text[start:end])) > 1:
        entries = [
            span
            for span in entries
            if span[0] == start and len(_SYLLABLE.findall(text[end : span[1]])) == 1
        ]
    if not entries:
        return None
    for left, right in _words(text, segment(text)):
        for entry_left, entry_right in entries:
            if left <= entry_left and entry_right <= right:
                return text[entry_left:entry_right]
    return None


def underthesea_segmenter(sentence: str) -> list[str]:
    """The words of a sentence by underthesea's conditional random field."""
    words: list[str] = _word_tokenize()(sentence, use_token_normalize=False)
    return words


def underthesea_words() -> list[str]:
    """The word list that comes with underthesea (74,000 words), read without importing it."""
    spec = importlib.util.find_spec("underthesea")
    if spec is None or spec.origin is None:
        return []
    path = Path(spec.origin).parent / "corpus" / "data" / "Viet74K.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


@lru_cache(maxsize=1 << 16)
def _key(syllable: str) -> str:
    return fold_tones(syllable.casefold())


def _joined_syllables(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the syllables around and in ``[start:end]`` with only a space or hyphen between."""
    spans = [found.span() for found in _SYLLABLE.finditer(text)]
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
    """Spans of the words of several syllables; none where words and text do not add up.

    Words are laid against the text by counting syllables: a segmenter changes spaces, quotes
    and the like, but no letters.
    """
    spans = [found.span() for found in _SYLLABLE.finditer(text)]
    found, position = [], 0
    for word in words:
        count = len(_SYLLABLE.findall(word))
        if count > 1 and position + count <= len(spans):
            found.append((spans[position][0], spans[position + count - 1][1]))
        position += count
    return found if position == len(spans) else []


@lru_cache(maxsize=1)
def _word_tokenize() -> Callable[..., list[str]]:
    with _absent(_UNUSED_PARTS):
        from underthesea import word_tokenize

    tokenize: Callable[..., list[str]] = word_tokenize
    return tokenize


@contextmanager
def _absent(modules: Sequence[str]) -> Iterator[None]:
    """Makes the import of modules that are not loaded yet fail while the body runs."""
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
