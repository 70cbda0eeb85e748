"""Words in context across languages: a released sentence beside one of Princeton WordNet's.

An example sentence of a synset's counterpart means the same; one of another synset that shares the
English word does not.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from languages.language import Language
from pipeline.checks.occurrences import occurrences
from pipeline.sources.princeton_file import PrincetonSynset, PrincetonWordNet
from pipeline.sources.supersenses import pos_of
from schemas.ids import content_digest
from schemas.records import EnglishContext, Example, Link

_PER_SENSE = 5
_ID_CHARS = 16
_Id = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """An example in which one word of its synset stands just once, and no other one does."""

    princeton: str
    lemma: str
    text: str
    start: int
    end: int


class EnglishSentences:
    """The examples of Princeton WordNet's synsets, each found when it is asked for."""

    def __init__(self, database: PrincetonWordNet, english: Language) -> None:
        self._database, self._english = database, english
        self._known: dict[_Id, tuple[_Sentence, ...]] = {}

    @cached_property
    def _having(self) -> dict[tuple[str, str], list[_Id]]:
        """The synsets of a word and part of speech, in the order of the database."""
        found: dict[tuple[str, str], list[_Id]] = defaultdict(list)
        for synset in self._database:
            for word in dict.fromkeys(map(str.casefold, synset.words)):
                found[word, synset.pos].append((synset.offset, synset.pos))
        return found

    def pairs(self, princeton: str) -> tuple[tuple[_Sentence, _Sentence], ...]:
        """Sentences of the synset, each with one of another synset for the same word."""
        offset, _, pos = princeton.partition("-")
        synset = self._database.get(int(offset), pos)
        if synset is None:
            return ()
        found = []
        for own in self._sentences(synset):
            for key in self._having[own.lemma.replace(" ", "_").casefold(), pos]:
                if key != (synset.offset, synset.pos):
                    other = self._database.get(*key)
                    same_word = (
                        sentence
                        for sentence in (self._sentences(other) if other else ())
                        if sentence.lemma.casefold() == own.lemma.casefold()
                    )
                    found += [(own, sentence) for sentence in same_word]
        return tuple(found)

    def _sentences(self, synset: PrincetonSynset) -> tuple[_Sentence, ...]:
        key = (synset.offset, synset.pos)
        if key not in self._known:
            self._known[key] = tuple(self._found(synset))
        return self._known[key]

    def _found(self, synset: PrincetonSynset) -> Iterator[_Sentence]:
        pos = pos_of(synset.lexicographer_file.lower())
        for text in synset.examples:
            spans = {
                span: word.replace("_", " ")
                for word in synset.words
                for span in occurrences(text, word.replace("_", " "), pos, self._english)
            }
            if len(spans) == 1:
                ((start, end), lemma) = next(iter(spans.items()))
                yield _Sentence(f"{synset.offset:08d}-{synset.pos}", lemma, text, start, end)


def english_contexts(
    examples: Iterable[Example],
    links: Mapping[str, Link],
    sentences: EnglishSentences,
    min_confidence: float,
) -> Iterator[EnglishContext]:
    """Two rows for an example whose synset has a counterpart that is sure enough: same, and not.

    Both show the same English word. At most five examples of a sense have rows; which ones, and
    which sentences they get, is decided by digests.
    """
    chosen: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        link = links.get(example.synset_id)
        if link and link.princeton and link.link_confidence >= min_confidence:
            chosen[example.sense_id].append(example)
    for _, own in sorted(chosen.items()):
        link = links[own[0].synset_id]
        pairs = sentences.pairs(link.princeton or "")
        if not pairs:
            continue
        for example in sorted(own, key=lambda e: _digest(e.context_id))[:_PER_SENSE]:
            two = min(pairs, key=lambda p: _digest(example.context_id, p[0].text, p[1].text))
            for same, sentence in zip((True, False), two, strict=True):
                yield _row(example, link, sentence, same=same)


def _row(example: Example, link: Link, sentence: _Sentence, *, same: bool) -> EnglishContext:
    digest = content_digest(example.context_id, sentence.princeton, sentence.text)
    return EnglishContext(
        pair_id=digest[:_ID_CHARS],
        same=same,
        context_id=example.context_id,
        sense_id=example.sense_id,
        lemma=example.lemma,
        pos=example.pos,
        sentence=example.sentence,
        target_start=example.target_start,
        target_end=example.target_end,
        split=example.split,
        english_sentence=sentence.text,
        english_start=sentence.start,
        english_end=sentence.end,
        english_lemma=sentence.lemma,
        princeton=sentence.princeton,
        link_confidence=link.link_confidence,
    )


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).digest()
