"""Negatives: a source's sentence with another word in the place of its target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas.text import units
from trainer.data import Inventory, Item
from trainer.distil.triples import Triple, drawn
from trainer.progress import progress_of
from trainer.text.inputs import MarkedSentence

_CANDIDATES = 16
_RANK_FACTOR = 4
_LONGEST = 6
Likelihood = Callable[[Sequence[MarkedSentence]], Sequence[float]]
"""log P of each sentence."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    key: str
    pos: str
    n_units: int
    rank: int
    synsets: frozenset[str]


def substituted(side: MarkedSentence, word: str) -> MarkedSentence:
    """The sentence with ``word`` in its target's place, capitalised where the target was."""
    target = side.sentence[side.start : side.end]
    text = word[:1].upper() + word[1:] if target[:1].isupper() else word
    sentence = f"{side.sentence[: side.start]}{text}{side.sentence[side.end :]}"
    return MarkedSentence(sentence, side.start, side.start + len(text), f"{side.row} ({word})")


class OtherWords:
    """The words of some sentences with what they mean, by part of speech in a digest's order."""

    def __init__(self, words: Iterable[tuple[str, str, str]]) -> None:
        """``words``: part of speech, word and synset of each sentence's target."""
        self._synsets: dict[tuple[str, str], set[str]] = defaultdict(set)
        for pos, word, synset in words:
            self._synsets[pos, word].add(synset)
        self._of: dict[str, list[str]] = defaultdict(list)
        for pos, word in sorted(self._synsets, key=lambda own: drawn(own[1])):
            self._of[pos].append(word)

    def other(self, pos: str, word: str, seed: str) -> str | None:
        """Another word for a word's place, the first that fits from where a seed's digest points.

        It has about as many units, and no synset in common with the word.
        """
        words, own, length = self._of[pos], self._synsets[pos, word], len(units(word))
        first = int.from_bytes(drawn(seed)[:8], "big") % len(words)
        fitting = (
            other
            for other in (*words[first:], *words[:first])
            if not self._synsets[pos, other] & own and abs(len(units(other)) - length) <= 1
        )
        return next(fitting, None)


class Substitutes:
    """The words of training items, of which each source gets one that it cannot mean.

    Candidates have the target's part of speech, its number of units give or take one, and a
    frequency in the training sentences whose rank is within a factor of four, and share no synset
    with the target's lemma. Of the 16 that a digest takes, ``likelihood`` keeps the likelier half
    where it is given; of these the first is taken whose static vector (the mean of its training
    states) has a cosine with the target's below their mean: plausible there, but distant, as
    arXiv 2409.08719 chooses. Without static vectors it is the first.
    """

    def __init__(
        self,
        items: Sequence[Item],
        inventory: Inventory,
        static: Mapping[str, NDArray[np.float32]] | None = None,
        likelihood: Likelihood | None = None,
    ) -> None:
        self._key = inventory.language.match_key
        self._static, self._likelihood = static, likelihood
        counts = _occurrences(items, self._key)
        lemmas = {(self._key(item.lemma), item.pos): item.lemma for item in items}
        falling = sorted({key for key, _ in lemmas}, key=lambda key: (-counts[key], key))
        rank = {key: at for at, key in enumerate(falling, start=1)}
        self._of: dict[tuple[str, str], _Word] = {
            (key, pos): _Word(
                *(text, key, pos, len(units(key)), rank[key]),
                frozenset(entry.synset_id for entry in inventory.senses(text)),
            )
            for (key, pos), text in sorted(lemmas.items())
        }
        self._words: dict[str, list[_Word]] = defaultdict(list)
        for word in sorted(self._of.values(), key=lambda word: drawn(word.key)):
            self._words[word.pos].append(word)

    def negatives(self, triples: Sequence[Triple], lemma_of: Mapping[str, Item]) -> list[Triple]:
        """The triples, those without a negative now with one.

        ``lemma_of`` has each source's item by its id.

        A triple for whose target there is no other word stays without one.
        """
        found = []
        with progress_of("choosing substitutes", len(triples)) as advance:
            for triple in triples:
                if triple.negative is None:
                    negative = self._negative(triple, lemma_of[triple.source.row])
                    triple = replace(triple, negative=negative)
                found.append(triple)
                advance(1)
        return found

    def _negative(self, triple: Triple, item: Item) -> MarkedSentence | None:
        own = self._of.get((self._key(item.lemma), item.pos))
        if own is None:
            return None
        candidates = self._candidates(own, triple.triple_id)
        if not candidates:
            return None
        texts = [substituted(triple.source, word.text) for word in candidates]
        chosen = list(range(len(texts)))
        if self._likelihood is not None and len(chosen) > 1:
            known = self._likelihood(texts)
            likely = sorted(chosen, key=lambda at: -known[at])[: -(-len(chosen) // 2)]
            chosen = sorted(likely)
        return texts[self._distant(own, candidates, chosen)]

    def _candidates(self, own: _Word, triple_id: str) -> list[_Word]:
        """At most 16, from a place on that the triple's digest names; nearby ranks if there are."""
        words = self._words[own.pos]
        first = int.from_bytes(drawn(triple_id)[:8], "big") % len(words)
        fitting = [
            word
            for word in (*words[first:], *words[:first])
            if abs(word.n_units - own.n_units) <= 1 and not word.synsets & own.synsets
        ]
        near = [
            word
            for word in fitting
            if max(word.rank, own.rank) <= _RANK_FACTOR * min(word.rank, own.rank)
        ]
        return (near or fitting)[:_CANDIDATES]

    def _distant(self, own: _Word, candidates: Sequence[_Word], chosen: Sequence[int]) -> int:
        if self._static is None or own.key not in self._static:
            return chosen[0]
        cosines = {at: self._cosine(own.key, candidates[at].key) for at in chosen}
        mean = sum(cosines.values()) / len(cosines)
        return next((at for at in chosen if cosines[at] < mean), chosen[0])

    def _cosine(self, one: str, other: str) -> float:
        assert self._static is not None
        a, b = self._static[one], self._static[other]
        norm = float(np.linalg.norm(a) * np.linalg.norm(b))
        return float(a @ b) / norm if norm else 0.0


def _occurrences(items: Sequence[Item], key: Callable[[str], str]) -> Counter[str]:
    """How often each lemma's units stand in a row in the sentences, each read once."""
    wanted = {key(item.lemma) for item in items}
    found: Counter[str] = Counter()
    for sentence in sorted({item.sentence for item in items}):
        words = units(key(sentence))
        for length in range(1, _LONGEST + 1):
            runs = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
            found.update(run for run in runs if run in wanted)
    return found


def static_vectors(
    items: Sequence[Item], states: NDArray[np.float32], key: Callable[[str], str]
) -> dict[str, NDArray[np.float32]]:
    """By lemma the mean of its items' states (n, d)."""
    rows: dict[str, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        rows[key(item.lemma)].append(at)
    return {lemma: states[own].mean(axis=0) for lemma, own in rows.items()}
