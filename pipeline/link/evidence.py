"""What speaks for each of Princeton's synsets as the counterpart of a row: candidates with signs.

A row is a synset of the other WordNet. Its lemmas are translated by the word lists, whole and in
pieces. A candidate holds one of the translations, or its words, definition and hypernyms resemble
all of them together (cosine of idf-weighted tokens).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from pipeline.link.english import EnglishIndex, tokens
from pipeline.link.loanwords import Borrowing, Loanwords
from pipeline.link.word_lists import WordList
from pipeline.sources.princeton_file import ENGLISH

SIGNS = ("translated", "votes", "lemmas", "share", "words", "rank", "covered", "of_several",
         "resembles", "named", "contained", "sounds", "alike", "rivals", "kept")  # fmt: skip
"""The columns of :class:`Evidence`.

=============  ==================================================================================
translated     1 where a lemma's translation is one of the candidate's words
votes          log of the sum over lemmas of 1 / (1 + rank of the sense), the senses of a
               translation sharing one vote, over the root of the number of translations
lemmas, share  log of the number of lemmas that vote, and that number over all lemmas
words          log of the number of the candidate's words that are translations
rank           log(1 + rank) of the most frequent of its senses that are meant
covered        share of the candidate's words that are translations
of_several     log of the number of lemmas
resembles      cosine of the translations and all that Princeton says of the candidate
named          share of the tokens of the candidate's words that stand in translations, by idf
contained      1 where a lemma ends in one of the candidate's words (``loanwords.py``)
sounds, alike  1 where a lemma, or its end, is written as one of the candidate's words sounds, and
               how alike they are
rivals         minus the log of the number of synsets of which the borrowed word says as much
kept           1 where a lemma was kept in English or Latin and is one of the candidate's words
=============  ==================================================================================
"""
RESEMBLING = 20
"""How many candidates may be taken for their resemblance alone."""
LEAST_RESEMBLANCE = 0.2
_STRIPPED, _PIECE = 0.7, 0.5
"""What a translation counts that is of the lemma without its classifier, and of a part of it."""
_LONGEST_PIECE = 3
_ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A synset to be linked."""

    synset_id: str
    supersense: str
    lemmas: tuple[str, ...]
    kept: tuple[str, ...] = ()
    """Lemmas in English or Latin."""
    said: tuple[str, ...] = ()
    """English words that a model gave for it: together they are one more lemma's translations."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates of a row."""

    row: LinkRow
    candidates: NDArray[np.int32]
    """(c,): numbers of synsets, ascending."""
    signs: NDArray[np.float64]
    """(c, len(SIGNS))."""


@dataclass(slots=True)
class _Votes:
    """What the translations of a row's lemmas say of the synsets that hold one of them."""

    votes: Counter[int]
    lemmas: Counter[int]
    words: dict[int, set[str]]
    rank: dict[int, int]
    kept: set[int]


class EvidenceFinder:
    """Finds the candidates of rows, those of one supersense together."""

    def __init__(self, english: EnglishIndex, lists: WordList, language: Language) -> None:
        self._english = english
        self._lists = lists
        self._language = language
        self._classifiers = language.linking.classifiers
        self._is_english = language.code == ENGLISH
        self._loanwords = Loanwords(english, language)

    def find(self, rows: Sequence[LinkRow]) -> Iterator[Evidence]:
        """The rows that have candidates, by supersense and in their order."""
        by_supersense: dict[str, list[LinkRow]] = defaultdict(list)
        for row in rows:
            by_supersense[row.supersense].append(row)
        for supersense in sorted(by_supersense):
            admitted = np.flatnonzero(self._english.admitted(supersense))
            if len(admitted):
                texts = self._english.texts[admitted].T.tocsr()
                of_supersense = by_supersense[supersense]
                for start in range(0, len(of_supersense), _ROWS_AT_ONCE):
                    batch = of_supersense[start : start + _ROWS_AT_ONCE]
                    yield from self._batch(batch, admitted, texts)

    def _batch(
        self, rows: list[LinkRow], admitted: NDArray[np.intp], texts: Any
    ) -> Iterator[Evidence]:
        queries = [self._query(row) for row in rows]
        cosines = (self._vectors(queries) @ texts).tocsr()
        for n, row in enumerate(rows):
            part = slice(cosines.indptr[n], cosines.indptr[n + 1])
            at, close = cosines.indices[part], cosines.data[part]
            cosine = dict(zip(admitted[at].tolist(), close.tolist(), strict=True))
            found = self._evidence(row, queries[n], cosine)
            if len(found.candidates):
                yield found

    def _vectors(self, queries: list[dict[int, float]]) -> Any:
        from scipy import sparse

        idf = self._english.idf
        ends = np.cumsum([0, *(len(query) for query in queries)])
        columns = np.array([t for query in queries for t in query], dtype=np.int32)
        values = np.array([v for query in queries for v in query.values()]) * idf[columns]
        matrix = sparse.csr_matrix((values, columns, ends), shape=(len(queries), len(idf)))
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(ends))
        return matrix

    def _evidence(
        self, row: LinkRow, query: dict[int, float], cosine: dict[int, float]
    ) -> Evidence:
        voted = self._votes(row)
        own = () if self._is_english else row.lemmas
        borrowed = self._loanwords.find(own, row.supersense)
        close = [n for n, value in cosine.items() if value >= LEAST_RESEMBLANCE]
        close.sort(key=lambda n: (-cosine[n], n))
        among = {*voted.votes, *borrowed, *close[:RESEMBLING]}
        candidates = np.array(sorted(among), dtype=np.int32)
        n_lemmas = len(row.lemmas) + len(row.kept) + bool(row.said)
        asked = np.zeros(len(self._english.idf))
        asked[list(query)] = 1.0
        named = self._english.names[candidates] @ asked if len(candidates) else ()
        signs = [
            (
                *_translated(n, voted, n_lemmas, len(self._english.words[n])),
                *(cosine.get(n, 0.0), share),
                *_borrowed(borrowed.get(n)),
                float(n in voted.kept),
            )
            for n, share in zip(candidates.tolist(), named, strict=True)
        ]
        return Evidence(row, candidates, np.array(signs).reshape(-1, len(SIGNS)))

    def _votes(self, row: LinkRow) -> _Votes:
        found = _Votes(Counter(), Counter(), defaultdict(set), {}, set())
        each = [self._translations(lemma) for lemma in row.lemmas]
        each += [(dict.fromkeys([lemma.lower()], 1.0), ()) for lemma in row.kept]
        if row.said:
            each.append((dict.fromkeys(map(str.lower, row.said), 1.0), ()))
        for phrases, synsets in each:
            self._vote(row, phrases, synsets, found)
        for lemma in row.kept:
            found.kept.update(self._english.holding(lemma.lower(), row.supersense))
        return found

    def _vote(
        self, row: LinkRow, phrases: dict[str, float], synsets: Sequence[int], found: _Votes
    ) -> None:
        """One lemma's vote, divided among the senses of its translations."""
        english = self._english
        words: dict[str, float] = {}
        for phrase, weight in phrases.items():
            word = english.find(phrase)
            if word is not None:
                words.setdefault(word, weight)
        own: dict[int, float] = {}
        for word, weight in words.items():
            holding = english.holding(word, row.supersense)
            ranks = [english.rank(word, n) for n in holding]
            total = sum(1 / (1 + rank) for rank in ranks)
            for n, rank in zip(holding, ranks, strict=True):
                own[n] = max(own.get(n, 0.0), weight / (1 + rank) / total)
                found.words[n].add(word)
                found.rank[n] = min(found.rank.get(n, rank), rank)
        own = {n: vote / math.sqrt(len(words)) for n, vote in own.items()}
        for n in synsets:
            if english.admitted(row.supersense)[n]:
                own[n] = 1 / math.sqrt(len(synsets))
                found.words[n].add(english.words[n][0])
                found.rank[n] = 0
        found.votes.update(own)
        found.lemmas.update(own.keys())

    def _translations(self, lemma: str) -> tuple[dict[str, float], Sequence[int]]:
        """Phrases with their weights, and synsets that a list names: of the lemma, or less of it.

        Without its classifier it is looked up only where it is not there as it is.
        """
        if self._is_english:
            return {lemma.lower(): 1.0}, ()
        numbers = self._english.number
        for key, weight in self._spellings(lemma):
            if self._lists.knows(key):
                stated = self._lists.synsets.get(key, ())
                synsets = [numbers[name] for name in stated if name in numbers]
                return dict.fromkeys(self._lists.phrases.get(key, ()), weight), synsets
        return {}, ()

    def _spellings(self, lemma: str) -> Iterator[tuple[str, float]]:
        key = self._language.match_key(lemma)
        yield key, 1.0
        first, _, rest = key.partition(" ")
        if rest and first in self._classifiers:
            yield rest, _STRIPPED

    def _query(self, row: LinkRow) -> dict[int, float]:
        """Tokens of all translations with their weights, the average over lemmas."""
        total: dict[int, float] = defaultdict(float)
        said = [dict.fromkeys(tokens(" ".join(row.said)), 1.0)] if row.said else []
        kept = [dict.fromkeys(tokens(lemma), 1.0) for lemma in row.kept]
        for best in (*map(self._lemma_tokens, row.lemmas), *kept, *said):
            for token, weight in best.items():
                if token in self._english.token:
                    total[self._english.token[token]] += weight
        n = len(row.lemmas) + len(kept) + len(said)
        return {token: weight / n for token, weight in total.items()}

    def _lemma_tokens(self, lemma: str) -> dict[str, float]:
        best: dict[str, float] = {}
        if self._is_english:
            return dict.fromkeys(tokens(lemma), 1.0)
        for key, weight in self._spellings(lemma):
            for token in tokens(" ".join(self._lists.phrases.get(key, ()))):
                best[token] = max(best.get(token, 0.0), weight)
        for piece in self._pieces(self._language.match_key(lemma)):
            found = set(tokens(" ".join(self._lists.phrases[piece])))
            for token in found:
                weight = _PIECE / math.sqrt(len(found))
                best[token] = max(best.get(token, 0.0), weight)
        return best

    def _pieces(self, key: str) -> Iterator[str]:
        """The longest parts of a lemma that the lists have, from the left; not the whole."""
        parts = key.split()
        at = 0
        while at < len(parts):
            for length in range(min(_LONGEST_PIECE, len(parts) - at), 0, -1):
                piece = " ".join(parts[at : at + length])
                if length < len(parts) and piece in self._lists.phrases:
                    yield piece
                    break
            else:
                length = 1
            at += length


def _translated(n: int, voted: _Votes, n_lemmas: int, n_words: int) -> tuple[float, ...]:
    if n not in voted.votes:
        return (0.0,) * 8
    n_voting, n_matched = voted.lemmas[n], len(voted.words[n])
    return (
        1.0,
        math.log(voted.votes[n]),
        math.log(n_voting),
        n_voting / n_lemmas,
        math.log(n_matched),
        math.log1p(voted.rank[n]),
        n_matched / n_words,
        math.log(n_lemmas),
    )


def _borrowed(word: Borrowing | None) -> tuple[float, ...]:
    if word is None:
        return (0.0,) * 4
    rivals = -math.log(word.rivals)
    return (1.0, 0.0, 0.0, rivals) if word.contained else (0.0, 1.0, word.alike, rivals)
