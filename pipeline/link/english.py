"""Princeton WordNet to be searched: by word, and by all that is said of a synset."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.sources.princeton_file import PrincetonSynset, PrincetonWordNet
from pipeline.sources.supersenses import category

CATCH_ALL = "noun.tops"
"""Holds the top of the hierarchy in Princeton WordNet, but any noun in the Vietnamese one."""
WEIGHTS = {"word": 1.0, "hypernym": 0.5, "definition": 0.4, "above": 0.25}
"""What a token counts by where in a synset it stands."""
_LEVELS_ABOVE = 3
_TOKEN = re.compile(r"[a-z]+")
_SMALL_WORDS = """
a an any as at be by especially etc for from having in into is it its more most not of on one or
other some than that the this to used usually very which who with and
"""
_STOP = frozenset(_SMALL_WORDS.split())
_ENDINGS = (("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"),
            ("ed", ""), ("ed", "e"))  # fmt: skip


class EnglishIndex:
    """N synsets, numbered in the order of the database; T tokens, which are stems of words."""

    def __init__(self, database: PrincetonWordNet, ranks: Mapping[tuple[str, str, int], int]):
        from scipy import sparse

        self.synsets: list[PrincetonSynset] = list(database)
        self.number = {name_of(synset): n for n, synset in enumerate(self.synsets)}
        self.words = [
            tuple(dict.fromkeys(word.replace("_", " ").lower() for word in synset.words))
            for synset in self.synsets
        ]
        self._ranks = ranks
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for n, words in enumerate(self.words):
            for word in words:
                self._by_word[word].append(n)
        self._masks: dict[str, NDArray[np.bool_]] = {}
        own = [tokens(" ".join(words)) for words in self.words]
        texts = [dict(self._weighted(n, own)) for n in range(len(self.synsets))]
        seen = Counter(token for text in texts for token in text)
        self.token = {token: n for n, token in enumerate(sorted(seen))}
        self.idf = np.array([math.log(len(texts) / (1 + seen[t])) for t in sorted(seen)])
        shape = (len(texts), len(self.token))
        self.texts: Any = _unit_rows(_matrix(sparse, texts, self.token, self.idf, shape))
        """(N, T) sparse: idf-weighted tokens of all that is said of a synset; rows of length 1."""
        named = [dict.fromkeys(found, 1.0) for found in own]
        self.names: Any = _sum_rows(_matrix(sparse, named, self.token, self.idf, shape))
        """(N, T) sparse: the same of its words alone; rows sum to 1."""

    def _weighted(self, n: int, own: list[list[str]]) -> Iterator[tuple[str, float]]:
        """Token and weight; what comes later counts."""
        above = [self._above(n)]
        for _ in range(_LEVELS_ABOVE):
            above.append([up for m in above[-1] for up in self._above(m)])
        for level in above[:0:-1]:
            for m in level:
                yield from ((token, WEIGHTS["above"]) for token in own[m])
        yield from ((t, WEIGHTS["definition"]) for t in tokens(self.synsets[n].definition))
        for m in above[0]:
            yield from ((token, WEIGHTS["hypernym"]) for token in own[m])
        yield from ((token, WEIGHTS["word"]) for token in own[n])

    def _above(self, n: int) -> list[int]:
        names = (f"{offset:08d}-{pos}" for pos, offset in self.synsets[n].above)
        return [self.number[name] for name in names if name in self.number]

    def has(self, word: str) -> bool:
        """Whether a word in lower case stands in the database as it is."""
        return word in self._by_word

    def find(self, phrase: str) -> str | None:
        """The word of the database that a phrase is, or is an inflected form of."""
        return next((form for form in _forms(phrase) if self.has(form)), None)

    def holding(self, word: str, supersense: str) -> list[int]:
        """The synsets that hold a word, among those that a supersense admits."""
        admits = self.admitted(supersense)
        return [n for n in self._by_word.get(word, ()) if admits[n]]

    def rank(self, word: str, n: int) -> int:
        """How many senses of a word are more frequent; 0 where that is not known."""
        synset = self.synsets[n]
        return self._ranks.get((word, synset.pos, synset.offset), 0)

    def admitted(self, supersense: str) -> NDArray[np.bool_]:
        """(N,): the synsets of a lexicographer file; of a part of speech where no file is named."""
        if supersense not in self._masks:
            files = [synset.lexicographer_file.lower() for synset in self.synsets]
            whole = supersense == CATCH_ALL or "." not in supersense
            wanted = category(supersense)
            self._masks[supersense] = np.array(
                [category(f) == wanted if whole else f == supersense for f in files], dtype=np.bool_
            )
        return self._masks[supersense]


def name_of(synset: PrincetonSynset) -> str:
    """Offset and part of speech: ``02129165-n``."""
    return f"{synset.offset:08d}-{synset.pos}"


def tokens(text: str) -> list[str]:
    """The stems of the words of an English text that mean something."""
    return [_stem(word) for word in _TOKEN.findall(text.lower()) if word not in _STOP]


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)]
            break
    return word.removesuffix("e")


def _forms(phrase: str) -> Iterable[str]:
    """A phrase in the forms in which the database may hold it."""
    yield phrase
    if "-" in phrase:
        yield from (phrase.replace("-", " "), phrase.replace("-", ""))
    if " " in phrase:
        yield from (phrase.replace(" ", "-"), phrase.replace(" ", ""))
    for ending, other in _ENDINGS:
        if phrase.endswith(ending) and len(phrase) > len(ending) + 2:
            yield phrase[: -len(ending)] + other


def _matrix(
    sparse: Any,
    rows: list[dict[str, float]],
    number: Mapping[str, int],
    idf: NDArray[np.float64],
    shape: tuple[int, int],
) -> Any:
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([number[token] for row in rows for token in row], dtype=np.int32)
    values = np.array([value for row in rows for value in row.values()])
    return sparse.csr_matrix((values * idf[columns], columns, ends), shape=shape)


def _unit_rows(matrix: Any) -> Any:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return _divided(matrix, length)


def _sum_rows(matrix: Any) -> Any:
    return _divided(matrix, np.asarray(matrix.sum(axis=1)).ravel())


def _divided(matrix: Any, by: NDArray[np.float64]) -> Any:
    """The rows of a matrix, each divided by its number; by 1 where that is 0."""
    matrix.data /= np.repeat(np.where(by > 0, by, 1.0), np.diff(matrix.indptr))
    return matrix
