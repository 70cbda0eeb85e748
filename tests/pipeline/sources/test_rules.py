"""Every noise rule has an example that passes and one that fails, and can be switched off."""

from __future__ import annotations

import pytest

from languages.find import find_language
from pipeline.sources.clean import clean
from pipeline.sources.interface import SourceSynset
from pipeline.sources.rules import ALWAYS_ON, LEMMA_RULES, NoiseCode
from pipeline.sources.settings import NoiseSettings
from schemas.records import Pos, Reject

VI = find_language("vi")

SWITCHES = {
    **{code: {code.value: False} for code in NoiseCode if code.value in NoiseSettings.model_fields},
    NoiseCode.OVER_LONG: {"max_length": 0},
}


def rejects_of(synsets: tuple[tuple[str, ...], ...], settings: NoiseSettings) -> list[Reject]:
    rejects: list[Reject] = []
    source = [
        SourceSynset(f"x-{number}", Pos.NOUN, "noun.artifact", lemmas)
        for number, lemmas in enumerate(synsets)
    ]
    clean(source, settings, VI, rejects.append)
    return rejects


def test_every_code_but_those_of_whole_synsets_has_a_rule() -> None:
    of_synsets = {NoiseCode.NO_LEMMA_LEFT, NoiseCode.INDISTINCT_SYNSET}
    assert {*LEMMA_RULES} | of_synsets == set(NoiseCode)


@pytest.mark.parametrize("code", SWITCHES)
def test_a_rule_that_is_off_rejects_nothing(code: NoiseCode) -> None:
    settings = NoiseSettings.model_validate(SWITCHES[code])
    codes = [reject.code for reject in rejects_of(VI.examples.of_lemma[code].failing, settings)]
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
