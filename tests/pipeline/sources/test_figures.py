"""Figures of a lexicon small enough to count by hand."""

from __future__ import annotations

from languages.find import find_language
from pipeline.sources.figures import figures_before
from pipeline.sources.interface import SourceSynset
from pipeline.sources.supersenses import LEXICOGRAPHER_FILES, SUPERSENSES, pos_of
from schemas.records import Pos

VI = find_language("vi")


def test_figures_are_those_counted_by_hand() -> None:
    rows = [
        ("noun.tops", ("bỏ", "bỏ ", "máy khoan")),
        ("noun.act", ("bỏ", "sao")),
        ("noun.act", ("sao", "bỏ")),
        ("verb.contact", ("sao",)),
        ("adj", ("wolf", "hòa")),
        ("adv", ("hoà", "")),
        ("conj", ("và",)),
        ("pron", ("và", "θ 1")),
    ]
    synsets = [
        SourceSynset(f"x-{number}", pos_of(supersense), supersense, lemmas)
        for number, (supersense, lemmas) in enumerate(rows)
    ]
    figures, most_ambiguous = figures_before(synsets, VI)
    assert most_ambiguous == "sao"
    assert (figures.synsets, figures.synsets_noun, figures.synsets_verb) == (8, 3, 1)
    assert (figures.synsets_adj, figures.synsets_adv, figures.synsets_other) == (1, 1, 2)
    assert figures.synsets_noun_tops == 1
    assert figures.synsets_of_one_lemma == 2
    assert figures.synsets_repeating_a_lemma == 1
    assert figures.lemma_tokens == 15
    assert figures.distinct_lemmas == 8
    assert figures.lemmas_in_several_synsets == 3  # bỏ, sao, và
    assert figures.lemmas_in_several_synsets_of_one_pos == 2  # not và: conj and pron
    assert figures.synsets_of_the_most_ambiguous_lemma == 3
    assert figures.lemma_sets_in_several_synsets == 1
    assert figures.lemmas_with_foreign_letters == 1
    assert figures.lemmas_with_foreign_script == 1
    assert figures.units_of_the_longest_lemma == 2


def test_an_empty_lexicon_has_zeros() -> None:
    figures, most_ambiguous = figures_before([], VI)
    assert (figures.synsets, figures.distinct_lemmas, most_ambiguous) == (0, 0, "")


def test_supersenses_are_the_45_of_wordnet_and_6_more() -> None:
    assert len(LEXICOGRAPHER_FILES) == 45
    assert LEXICOGRAPHER_FILES[26] == "noun.state"
    assert LEXICOGRAPHER_FILES[43] == "verb.weather"
    assert len(SUPERSENSES) == 51
    assert {pos_of(name) for name in SUPERSENSES} == set(Pos)
