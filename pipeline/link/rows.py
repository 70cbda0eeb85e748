"""Which lemmas of a synset are its language's own, and which were kept in English or Latin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from languages.language import Language
from pipeline.link.english import EnglishIndex
from pipeline.link.evidence import LinkRow
from pipeline.sources.interface import clean_spaces
from pipeline.sources.princeton_file import ENGLISH
from pipeline.sources.rules import NoiseCode, could_be
from schemas.ids import synset_of
from schemas.records import Reject, Synset

_FOREIGN = frozenset({NoiseCode.FOREIGN_LETTER.value, NoiseCode.FOREIGN_PHRASE.value})


def link_rows(
    synsets: Iterable[Synset],
    dropped: Mapping[str, list[str]],
    english: EnglishIndex,
    language: Language,
) -> Iterator[LinkRow]:
    """A row for every synset; ``dropped`` are foreign lemmas that it had in the source."""
    for synset in synsets:
        lemmas = (*synset.lemmas, *dropped.get(synset.synset_id, ()))
        yield link_row(synset.synset_id, synset.supersense, lemmas, english, language)


def link_row(
    synset_id: str,
    supersense: str,
    lemmas: Sequence[str],
    english: EnglishIndex,
    language: Language,
) -> LinkRow:
    """A lemma was kept where Princeton has it, and a word of it could not be of the language."""
    kept = [
        lemma
        for lemma in lemmas
        if language.code != ENGLISH
        and english.has(lemma.lower())
        and not all(could_be(word, language.recognition) for word in lemma.split())
    ]
    own = tuple(lemma for lemma in lemmas if lemma not in kept)
    return LinkRow(synset_id, supersense, own, tuple(kept))


def foreign_lemmas(rejects: Iterable[Reject]) -> dict[str, list[str]]:
    """Lemmas that the stage ``synsets`` dropped for being foreign, by synset id."""
    found: dict[str, list[str]] = defaultdict(list)
    for reject in rejects:
        if reject.code in _FOREIGN:
            found[synset_of(reject.item_id)].append(clean_spaces(reject.text))
    return found
