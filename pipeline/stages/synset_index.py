"""The synsets in memory, found by id and by lemma: small enough for a whole WordNet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from languages.language import Language
from pipeline.checks.glosses import GlossDraft
from schemas.ids import sense_id
from schemas.records import Link, Pos, SourceText, Synset
from schemas.tables import read_table


@dataclass(frozen=True, slots=True)
class SynsetEntry:
    """What the prompts need of a synset."""

    synset_id: str
    pos: Pos
    supersense: str
    lemmas: tuple[str, ...]
    source_gloss: SourceText | None
    hypernyms: tuple[str, ...]
    source_examples: tuple[SourceText, ...]
    hint: str = ""
    """What its link to Princeton WordNet says of it, which may be wrong."""


class SynsetIndex:
    """All synsets by id, and the synsets of every lemma, both in the order of ids."""

    def __init__(self, synsets: Path, language: Language, links: Path | None = None) -> None:
        self.match_key = language.match_key
        hints = {row.synset_id: _hint(row) for row in read_table(links, Link)} if links else {}
        self.synsets = {
            row.synset_id: _entry(row, hints.get(row.synset_id, ""))
            for row in read_table(synsets, Synset)
        }
        self._by_lemma: dict[str, list[str]] = {}
        for entry in self.synsets.values():
            for key in dict.fromkeys(map(self.match_key, entry.lemmas)):
                self._by_lemma.setdefault(key, []).append(entry.synset_id)

    def lemma_keys(self) -> frozenset[str]:
        """The match keys of all lemmas."""
        return frozenset(self._by_lemma)

    def siblings(self, synset_id: str, lemma: str) -> tuple[str, ...]:
        """The other synsets of a lemma, those of the same part of speech first."""
        pos = self.synsets[synset_id].pos
        others = [other for other in self._by_lemma[self.match_key(lemma)] if other != synset_id]
        return tuple(sorted(others, key=lambda other: (self.synsets[other].pos != pos, other)))

    def sibling_groups(self) -> Iterator[tuple[str, ...]]:
        """For each polysemous lemma, the synsets that hold it."""
        return (tuple(synsets) for synsets in self._by_lemma.values() if len(synsets) > 1)

    def polysemy(self) -> Counter[int]:
        """The number of lemmas by the number of their senses."""
        return Counter(len(synsets) for synsets in self._by_lemma.values())

    def polysemous(self) -> list[tuple[str, tuple[str, ...]]]:
        """The polysemous lemmas by key with their synsets, those of the most senses first."""
        found = [(key, tuple(each)) for key, each in self._by_lemma.items() if len(each) > 1]
        return sorted(found, key=lambda lemma: (-len(lemma[1]), lemma[0]))

    def sharing(self, synset_id: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """For each polysemous lemma of a synset its key and all its synsets."""
        keys = dict.fromkeys(map(self.match_key, self.synsets[synset_id].lemmas))
        return tuple(
            (key, tuple(self._by_lemma[key])) for key in keys if len(self._by_lemma[key]) > 1
        )

    def sibling_lemmas(self, synset_id: str) -> tuple[str, ...]:
        """The other lemmas of the synsets that share one with a synset."""
        own = {self.match_key(lemma) for lemma in self.synsets[synset_id].lemmas}
        others = (
            lemma
            for _, synsets in self.sharing(synset_id)
            for other in synsets
            for lemma in self.synsets[other].lemmas
            if self.match_key(lemma) not in own
        )
        return tuple(dict.fromkeys(others))

    def draft(self, synset_id: str, gloss: str) -> GlossDraft:
        """A definition of a synset with all that its checks need."""
        entry = self.synsets[synset_id]
        return GlossDraft(gloss, entry.lemmas, entry.pos, self.sibling_lemmas(synset_id))

    def senses_of_lemma(self, lemma: str) -> tuple[tuple[str, str], ...]:
        """(synset id, sense id) of every sense of a lemma, in the order of synset ids.

        Synsets may spell the lemma differently ("hoà", "hòa"); each sense id keeps the
        spelling of its own synset.
        """
        key = self.match_key(lemma)
        return tuple(
            (synset, sense_id(synset, self.spelling(synset, key)))
            for synset in self._by_lemma.get(key, ())
        )

    def spelling(self, synset_id: str, key: str) -> str:
        """How a synset spells the lemma of a key."""
        lemmas = self.synsets[synset_id].lemmas
        return next(lemma for lemma in lemmas if self.match_key(lemma) == key)


def _hint(link: Link) -> str:
    return f"{', '.join(link.lemmas)}: {link.definition}" if link.definition else ""


def _entry(row: Synset, hint: str) -> SynsetEntry:
    """What the source says of a synset itself makes a hint needless."""
    return SynsetEntry(
        synset_id=row.synset_id,
        pos=row.pos,
        supersense=row.supersense,
        lemmas=row.lemmas,
        source_gloss=row.source_gloss,
        hypernyms=row.hypernyms,
        source_examples=row.source_examples,
        hint="" if row.source_gloss else hint,
    )
