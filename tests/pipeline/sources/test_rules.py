"""Every noise rule has an example that passes and one that fails, and can be switched off."""

from __future__ import annotations

import pytest

from pipeline.sources.clean import clean
from pipeline.sources.interface import SourceSynset
from pipeline.sources.rule_examples import EXAMPLES, Lemmas
from pipeline.sources.rules import ALWAYS_ON, LEMMA_RULES, NoiseCode
from pipeline.sources.settings import NoiseSettings
from pipeline.sources.syllable import could_be_vietnamese
from schemas.records import Pos, Reject

SWITCHES = {
    **{code: {code.value: False} for code in NoiseCode if code.value in NoiseSettings.model_fields},
    NoiseCode.OVER_LONG: {"max_syllables": 0},
}


def rejects_of(synsets: tuple[Lemmas, ...], settings: NoiseSettings) -> list[Reject]:
    rejects: list[Reject] = []
    source = [
        SourceSynset(f"x-{number}", Pos.NOUN, "noun.artifact", lemmas)
        for number, lemmas in enumerate(synsets)
    ]
    clean(source, settings, rejects.append)
    return rejects


def test_codes_and_examples_are_the_same_set() -> None:
    assert set(EXAMPLES) == set(NoiseCode)
    assert {*LEMMA_RULES, NoiseCode.NO_LEMMA_LEFT, NoiseCode.INDISTINCT_SYNSET} == set(NoiseCode)


@pytest.mark.parametrize("code", NoiseCode)
def test_the_passing_example_passes_every_rule(code: NoiseCode) -> None:
    assert rejects_of(EXAMPLES[code].passing, NoiseSettings()) == []


@pytest.mark.parametrize("code", NoiseCode)
def test_the_failing_example_fails_by_its_rule(code: NoiseCode) -> None:
    codes = [reject.code for reject in rejects_of(EXAMPLES[code].failing, NoiseSettings())]
    assert code in codes
    assert set(codes) <= {code, NoiseCode.NO_LEMMA_LEFT, NoiseCode.NO_LETTER, "stray_punctuation"}


@pytest.mark.parametrize("code", SWITCHES)
def test_a_rule_that_is_off_rejects_nothing(code: NoiseCode) -> None:
    settings = NoiseSettings.model_validate(SWITCHES[code])
    codes = [reject.code for reject in rejects_of(EXAMPLES[code].failing, settings)]
    assert code not in codes


def test_every_rule_but_the_unavoidable_ones_has_a_switch() -> None:
    assert set(NoiseCode) - set(SWITCHES) == {NoiseCode.EMPTY_LEMMA, NoiseCode.NO_LEMMA_LEFT}
    assert {code for code in ALWAYS_ON if code not in SWITCHES} == {NoiseCode.EMPTY_LEMMA}


def test_equal_lemmas_are_dropped_even_where_repeats_may_stay() -> None:
    settings = NoiseSettings(repeated_lemma=False)
    rejects = rejects_of((("hòa", "hoà", "Hòa", "hòa"),), settings)
    assert [(r.code, r.text) for r in rejects] == [("repeated_lemma", "hòa")]


@pytest.mark.parametrize(
    ("lemma", "detail"),
    [
        ("sao θ1 Orionis", "θ"),
        ("生物", "生物"),
    ],
)
def test_a_foreign_script_is_told_from_foreign_letters(lemma: str, detail: str) -> None:
    (reject, _) = rejects_of(((lemma,),), NoiseSettings())
    assert (reject.code, reject.detail) == ("foreign_script", detail)


def test_a_stray_combining_mark_is_named() -> None:
    (reject, _) = rejects_of((("xì phé\u0301",),), NoiseSettings())
    assert (reject.code, reject.detail) == ("stray_character", "U+0301 COMBINING ACUTE ACCENT")


def test_decomposed_text_is_no_noise() -> None:
    assert rejects_of((("tie\u0302\u0301ng Vie\u0323\u0302t",),), NoiseSettings()) == []


@pytest.mark.parametrize(
    "lemma", ["Canada", "ca nô", "axit", "tia laser", "ti-vi", "ca cao", "vitamin C", "K'Ho"]
)
def test_loanwords_of_vietnamese_letters_are_kept(lemma: str) -> None:
    assert rejects_of(((lemma,),), NoiseSettings()) == []


@pytest.mark.parametrize(
    "word", ["nha", "trang", "quanh", "oanh", "khuya", "quynh", "ghi", "a", "y"]
)
def test_unmarked_vietnamese_syllables_are_known(word: str) -> None:
    assert could_be_vietnamese(word)
    assert could_be_vietnamese(word.upper())


@pytest.mark.parametrize(
    "word", ["taxi", "bat", "mac", "club", "strand", "quot", "sapiens", "mail"]
)
def test_other_words_are_not(word: str) -> None:
    assert not could_be_vietnamese(word)
