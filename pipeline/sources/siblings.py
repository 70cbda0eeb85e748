"""The senses of a lexicon, each with the number of its siblings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from languages.language import Language
from schemas.ids import sense_id
from schemas.records import Pos, Sense, Synset


def senses_of(synsets: Sequence[Synset], language: Language) -> list[Sense]:
    """All senses sorted by id; siblings are the other synsets that hold the lemma.

    Lemmas are equal when their match keys are. Two spellings of one lemma in one synset, which
    only settings other than the default leave there, are no siblings of each other.
    """
    keys = {lemma: language.match_key(lemma) for synset in synsets for lemma in synset.lemmas}
    by_pos: dict[str, Counter[Pos]] = defaultdict(Counter)
    for synset in synsets:
        for key in {keys[lemma] for lemma in synset.lemmas}:
            by_pos[key][synset.pos] += 1
    senses = [
        _sense(synset, lemma, by_pos[keys[lemma]]) for synset in synsets for lemma in synset.lemmas
    ]
    return sorted(senses, key=lambda sense: sense.sense_id)


def _sense(synset: Synset, lemma: str, n_synsets: Counter[Pos]) -> Sense:
    return Sense(
        sense_id=sense_id(synset.synset_id, lemma),
        synset_id=synset.synset_id,
        lemma=lemma,
        pos=synset.pos,
        n_siblings=n_synsets.total() - 1,
        n_siblings_same_pos=n_synsets[synset.pos] - 1,
    )
