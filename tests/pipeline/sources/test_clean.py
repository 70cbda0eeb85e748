"""Cleaning makes records and loses nothing without a reject."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.sources.clean import clean
from pipeline.sources.interface import SourceSynset
from pipeline.sources.settings import NoiseSettings
from schemas.records import Pos, Reject, SourceText, Synset
from schemas.text import normalise

VI = find_language("vi")


def source(number: int, *lemmas: str, **hints: object) -> SourceSynset:
    return SourceSynset(f"x-{number}", Pos.NOUN, "noun.food", lemmas, **hints)  # type: ignore[arg-type]


def test_lemmas_are_normalised_and_underscores_are_spaces() -> None:
    (synset,) = clean([source(1, " ba\u0301nh_mì  kẹp ")], NoiseSettings(), VI, lambda reject: None)
    assert synset.lemmas == ("bánh mì kẹp",)


def test_hints_are_normalised_and_empty_ones_are_none() -> None:
    gloss, examples = SourceText.of("  a   tool ", "en"), SourceText.each(("x ", "x"), "en")
    hinted = source(1, "khoan", gloss=gloss, hypernyms=("", "tool"), examples=examples)
    bare = source(2, "bánh", gloss=SourceText.of(" ", "en"))
    first, second = clean([hinted, bare], NoiseSettings(), VI, lambda reject: None)
    assert first.source_gloss == SourceText(text="a tool", language="en")
    assert first.hypernyms == ("tool",)
    assert first.source_examples == (SourceText(text="x", language="en"),)
    assert second.source_gloss is None


def test_a_reject_names_sense_rule_and_text() -> None:
    rejects: list[Reject] = []
    clean([source(7, "máy khoan", "power_drill ", "wolf")], NoiseSettings(), VI, rejects.append)
    assert rejects == [
        Reject(
            stage="synsets",
            item_id="x-7#power_drill",
            code="foreign_letter",
            detail="w",
            text="power_drill ",
        ),
        Reject(
            stage="synsets", item_id="x-7#wolf", code="foreign_letter", detail="wf", text="wolf"
        ),
    ]


def test_a_synset_without_a_lemma_left_is_rejected_itself() -> None:
    rejects: list[Reject] = []
    assert clean([source(1, "wolf"), source(2)], NoiseSettings(), VI, rejects.append) == []
    assert [(r.item_id, r.code, r.detail) for r in rejects[1:]] == [
        ("x-1", "no_lemma_left", "all of its lemmas were dropped"),
        ("x-2", "no_lemma_left", "the source gives it no lemma"),
    ]


def test_equal_lemmas_with_different_glosses_are_two_synsets() -> None:
    star, copy = SourceText.of("a star", "en"), SourceText.of("a copy", "en")
    synsets = [source(1, "sao", gloss=star), source(2, "sao", gloss=copy)]
    assert len(clean(synsets, NoiseSettings(), VI, lambda reject: None)) == 2


def test_of_indistinct_synsets_the_first_id_stays_whatever_the_order() -> None:
    synsets = [source(3, "sao"), source(1, "Sao"), source(2, "sao")]
    rejects: list[Reject] = []
    kept = clean(synsets, NoiseSettings(), VI, rejects.append)
    assert [synset.synset_id for synset in kept] == ["x-1"]
    assert [reject.item_id for reject in rejects] == ["x-2", "x-3"]


LEMMAS = st.lists(
    st.text(alphabet="aáoòhHàf_ 1;\u200bθ", max_size=5)
    | st.sampled_from(["hòa", "hoà", "bánh mì"]),
    max_size=5,
)


@given(st.lists(LEMMAS, max_size=6))
def test_every_lemma_is_kept_or_rejected_once(rows: list[list[str]]) -> None:
    rejects: list[Reject] = []
    synsets = [source(number, *lemmas) for number, lemmas in enumerate(rows)]
    settings = NoiseSettings(indistinct_synset=False)
    kept = clean(synsets, settings, VI, rejects.append)
    n_lemmas = sum(len(lemmas) for lemmas in rows)
    by_lemma = [reject for reject in rejects if reject.code != "no_lemma_left"]
    assert sum(len(synset.lemmas) for synset in kept) + len(by_lemma) == n_lemmas
    assert len(kept) + len(rejects) - len(by_lemma) == len(rows)
    for synset in kept:
        assert isinstance(synset, Synset)
        assert all(lemma == normalise(lemma) and "_" not in lemma for lemma in synset.lemmas)
        assert len({VI.match_key(lemma) for lemma in synset.lemmas}) == len(synset.lemmas)
