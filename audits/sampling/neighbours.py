"""The senses around the sampled contexts: the synset's other lemmas, the lemma's other senses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from audits.sampling.candidates import AuditCandidate, KnownSense
from languages.language import Language


@dataclass(frozen=True, slots=True)
class NeighbouringSenses:
    """The senses of the sampled lemmas and the lemmas of their synsets; nothing else is kept."""

    language: Language
    senses: dict[str, list[KnownSense]]
    lemmas: dict[str, list[str]]

    @classmethod
    def around(
        cls, drawn: Iterable[AuditCandidate], senses: Iterable[KnownSense], language: Language
    ) -> NeighbouringSenses:
        """What a pass over all senses tells about the drawn contexts."""
        drawn = list(drawn)
        wanted = {language.match_key(candidate.lemma) for candidate in drawn}
        by_lemma: dict[str, list[KnownSense]] = defaultdict(list)
        by_synset: dict[str, list[str]] = defaultdict(list)
        for sense in senses:
            by_synset[sense.synset_id].append(sense.lemma)
            key = language.match_key(sense.lemma)
            if key in wanted:
                by_lemma[key].append(sense)
        shown = {sense.synset_id for found in by_lemma.values() for sense in found}
        shown |= {candidate.synset_id for candidate in drawn}
        lemmas = {name: by_synset[name] for name in shown if name in by_synset}
        return cls(language, dict(by_lemma), lemmas)

    def senses_of(self, lemma: str) -> list[KnownSense]:
        """All senses of a lemma by sense id, of every spelling of it."""
        found = self.senses.get(self.language.match_key(lemma), [])
        return sorted(found, key=lambda sense: sense.sense_id)

    def synonyms(self, synset_id: str, lemma: str) -> tuple[str, ...]:
        """The lemmas of a synset, the given one first, each once."""
        return tuple(dict.fromkeys([lemma, *sorted(self.lemmas.get(synset_id, []))]))
