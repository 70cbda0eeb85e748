"""The senses around the sampled contexts: the synset's other lemmas, the lemma's other senses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from audits.candidates import AuditCandidate, KnownSense
from schemas.text import match_key


@dataclass(frozen=True, slots=True)
class Inventory:
    """The senses of the sampled lemmas and the lemmas of their synsets; nothing else is kept."""

    senses: dict[str, list[KnownSense]]
    lemmas: dict[str, list[str]]

    @classmethod
    def around(cls, drawn: Iterable[AuditCandidate], senses: Iterable[KnownSense]) -> Inventory:
        """What a pass over all senses tells about the drawn contexts."""
        drawn = list(drawn)
        wanted = {match_key(candidate.lemma) for candidate in drawn}
        by_lemma: dict[str, list[KnownSense]] = defaultdict(list)
        by_synset: dict[str, list[str]] = defaultdict(list)
        for sense in senses:
            by_synset[sense.synset_id].append(sense.lemma)
            key = match_key(sense.lemma)
            if key in wanted:
                by_lemma[key].append(sense)
        shown = {sense.synset_id for found in by_lemma.values() for sense in found}
        shown |= {candidate.synset_id for candidate in drawn}
        return cls(dict(by_lemma), {name: by_synset[name] for name in shown if name in by_synset})

    def senses_of(self, lemma: str) -> list[KnownSense]:
        """All senses of a lemma by sense id, of every spelling of it."""
        return sorted(self.senses.get(match_key(lemma), []), key=lambda sense: sense.sense_id)

    def synonyms(self, synset_id: str, lemma: str) -> tuple[str, ...]:
        """The lemmas of a synset, the given one first, each once."""
        return tuple(dict.fromkeys([lemma, *sorted(self.lemmas.get(synset_id, []))]))
