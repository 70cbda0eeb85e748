"""What a lexicon holds, in numbers: of the source as it is, and of the tables made from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from languages.language import Language
from languages.spelling import Spelling
from pipeline.sources.interface import SourceDescription, SourceSynset, clean_spaces
from pipeline.sources.supersenses import category
from schemas.records import Polysemy, Pos, Sense, Synset, polysemy
from schemas.text import units

Row = tuple[str, Pos, tuple[str, ...]]
"""Supersense, part of speech and lemmas of a synset."""


@dataclass(frozen=True, slots=True)
class LexiconFigures:
    """Counts over synsets; lemmas are compared as written (case and spelling variants count)."""

    synsets: int
    synsets_noun: int
    synsets_verb: int
    synsets_adj: int
    synsets_adv: int
    synsets_other: int
    synsets_noun_tops: int
    synsets_of_one_lemma: int
    synsets_repeating_a_lemma: int
    lemma_tokens: int
    distinct_lemmas: int
    lemmas_in_several_synsets: int
    lemmas_in_several_synsets_of_one_pos: int
    """One category of the source: a conjunction and a pronoun are two, though both are "other"."""
    synsets_of_the_most_ambiguous_lemma: int
    lemma_sets_in_several_synsets: int
    lemmas_with_foreign_letters: int
    """With letters of the language's script that its alphabet lacks."""
    lemmas_with_foreign_script: int
    units_of_the_longest_lemma: int


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """The outcome of stage ``synsets``."""

    description: SourceDescription
    most_ambiguous_lemma: str
    before: LexiconFigures
    after: LexiconFigures
    rejected: Mapping[str, int]
    """Rejects by code."""
    senses: Mapping[Polysemy, int]
    """Senses of the table by polysemy; here lemmas are compared by match key."""


def figures_before(
    synsets: Iterable[SourceSynset], language: Language
) -> tuple[LexiconFigures, str]:
    """Figures of a source, and its most ambiguous lemma."""
    return _figures(
        [(s.supersense, s.pos, tuple(clean_spaces(lemma) for lemma in s.lemmas)) for s in synsets],
        language.spelling,
    )


def figures_after(synsets: Iterable[Synset], language: Language) -> LexiconFigures:
    """Figures of the table of synsets."""
    rows = [(s.supersense, s.pos, s.lemmas) for s in synsets]
    return _figures(rows, language.spelling)[0]


def senses_by_polysemy(senses: Iterable[Sense]) -> dict[Polysemy, int]:
    """The number of senses of each polysemy."""
    counts = Counter(polysemy(s.n_siblings, s.n_siblings_same_pos) for s in senses)
    return {kind: counts[kind] for kind in Polysemy}


def _figures(rows: Sequence[Row], spelling: Spelling) -> tuple[LexiconFigures, str]:
    categories = _categories_by_lemma(rows)
    per_pos = Counter(pos for _, pos, _ in rows)
    lemma_sets = Counter(frozenset(lemmas) for _, _, lemmas in rows)
    foreign = [spelling.foreign_letters(lemma) for lemma in categories]
    of_script = [[spelling.has_script_of(letter) for letter in letters] for letters in foreign]
    most = max(categories, key=lambda lemma: (categories[lemma].total(), lemma), default="")
    figures = LexiconFigures(
        synsets=len(rows),
        synsets_noun=per_pos[Pos.NOUN],
        synsets_verb=per_pos[Pos.VERB],
        synsets_adj=per_pos[Pos.ADJ],
        synsets_adv=per_pos[Pos.ADV],
        synsets_other=per_pos[Pos.OTHER],
        synsets_noun_tops=sum(supersense == "noun.tops" for supersense, _, _ in rows),
        synsets_of_one_lemma=sum(len(lemmas) == 1 for _, _, lemmas in rows),
        synsets_repeating_a_lemma=sum(len(set(lemmas)) < len(lemmas) for _, _, lemmas in rows),
        lemma_tokens=sum(len(lemmas) for _, _, lemmas in rows),
        distinct_lemmas=len(categories),
        lemmas_in_several_synsets=sum(n.total() > 1 for n in categories.values()),
        lemmas_in_several_synsets_of_one_pos=sum(max(n.values()) > 1 for n in categories.values()),
        synsets_of_the_most_ambiguous_lemma=categories[most].total() if most else 0,
        lemma_sets_in_several_synsets=sum(n > 1 for n in lemma_sets.values()),
        lemmas_with_foreign_letters=sum(map(any, of_script)),
        lemmas_with_foreign_script=sum(not all(own) for own in of_script),
        units_of_the_longest_lemma=max((len(units(x)) for x in categories), default=0),
    )
    return figures, most


def _categories_by_lemma(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """For each lemma that is not empty, its number of synsets by category."""
    categories: dict[str, Counter[str]] = defaultdict(Counter)
    for supersense, _, lemmas in rows:
        for lemma in set(lemmas) - {""}:
            categories[lemma][category(supersense)] += 1
    return categories
