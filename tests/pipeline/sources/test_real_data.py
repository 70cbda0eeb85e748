"""The real sources, where VICONWSD_DATA names the folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.sources.build import build_synsets
from pipeline.sources.figures import SourceFigures
from pipeline.sources.settings import NoiseSettings, SourceSettings
from schemas.records import Sense, Synset
from schemas.tables import count_rows

DATA = os.environ.get("VICONWSD_DATA")
DEBIAN_WORDNET = Path("/usr/share/wordnet")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(DATA is None, reason="VICONWSD_DATA does not name a folder of real data"),
]


def build(folder: Path, **source: object) -> SourceFigures:
    settings = SourceSettings.model_validate(source)
    synsets, senses = folder / "synsets.parquet", folder / "senses.parquet"
    figures = build_synsets(
        settings,
        NoiseSettings(),
        find_language("vi"),
        synsets_path=synsets,
        senses_path=senses,
        on_reject=lambda reject: None,
    )
    assert count_rows(synsets, Synset) == figures.after.synsets
    assert count_rows(senses, Sense) == figures.after.lemma_tokens
    dropped = sum(n for code, n in figures.rejected.items() if not code.endswith(SYNSET_CODES))
    lost = sum(n for code, n in figures.rejected.items() if code.endswith(SYNSET_CODES))
    assert figures.before.synsets == figures.after.synsets + lost
    assert figures.before.lemma_tokens >= figures.after.lemma_tokens + dropped
    return figures


SYNSET_CODES = ("no_lemma_left", "indistinct_synset")


def test_vietnamese_wordnet_has_its_known_figures(tmp_path: Path) -> None:
    figures = build(tmp_path, kind="csv", path=f"{DATA}/vietnamese-wordnet")
    before = figures.before
    assert (before.synsets, before.synsets_noun, before.synsets_verb) == (33471, 21169, 7017)
    assert (before.synsets_adj, before.synsets_adv, before.synsets_other) == (4231, 867, 187)
    assert before.synsets_noun_tops == 6424
    assert (before.lemma_tokens, before.distinct_lemmas) == (100160, 69746)
    assert before.lemmas_in_several_synsets == 12668
    assert before.lemmas_in_several_synsets_of_one_pos == 10572
    assert before.synsets_of_the_most_ambiguous_lemma == 49
    assert figures.most_ambiguous_lemma == "bỏ"
    assert before.synsets_of_one_lemma == 8995
    assert before.synsets_repeating_a_lemma == 137
    assert before.lemma_sets_in_several_synsets == 85
    assert before.lemmas_with_foreign_letters == 743
    assert before.units_of_the_longest_lemma == 27
    assert figures.after.lemmas_with_foreign_letters == 0
    assert figures.after.synsets > 33000


def test_the_upstream_archive_is_read_whole(tmp_path: Path) -> None:
    archive = f"{DATA}/vietnamese-wordnet-upstream/vi-wordnet.tar.xz"
    figures = build(tmp_path, kind="csv", path=archive)
    assert figures.before.synsets == 41830
    assert figures.rejected["indistinct_synset"] > 900


@pytest.mark.skipif(not DEBIAN_WORDNET.is_dir(), reason="needs Debian's package wordnet-base")
def test_every_synset_of_the_tab_file_is_found_in_wordnet(tmp_path: Path) -> None:
    tab = f"{DATA}/omw-vie/wn-wikt-vie.tab"
    figures = build(tmp_path, kind="omw", path=tab, wordnet=DEBIAN_WORDNET)
    assert (figures.before.synsets, figures.before.lemma_tokens) == (3627, 5498)
    assert figures.rejected["foreign_script"] == 556
