"""Which senses get contexts, and how many: by what their lemmas are."""

from __future__ import annotations

from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.stages.senses import describes, is_name, savings, wanted_of
from pipeline.stages.settings import ContextSettings
from schemas.records import Pos, Sense
from schemas.tables import write_table

VI = find_language("vi")
FEW = {"name": 2, "phrase": 3, "monosemous": 5}


@pytest.mark.parametrize(
    ("lemma", "name", "phrase"),
    [
        ("Smith", True, False),
        ("Adam Smith", True, False),
        ("Hà Nội", True, False),
        ("người Mỹ", False, False),
        ("tính không đáng chú ý", False, True),
        ("sự tình", False, False),
        ("tính toán", False, False),
        ("khoan", False, False),
    ],
)
def test_names_have_capitals_and_phrases_describe(lemma: str, name: bool, phrase: bool) -> None:
    assert (is_name(lemma), describes(lemma, VI)) == (name, phrase)


@pytest.mark.parametrize(
    ("lemma", "ambiguous", "stated", "expected"),
    [
        ("khoan", True, {}, 10),
        ("khoan", False, {}, 10),
        ("khoan", False, {"which": "ambiguous"}, 0),
        ("khoan", True, {"which": "ambiguous"}, 10),
        ("khoan", False, {"per_kind": FEW}, 5),
        ("khoan", True, {"per_kind": FEW}, 10),
        ("Smith", True, {"per_kind": FEW}, 2),
        ("Adam Smith", False, {"per_kind": FEW}, 2),
        ("tính không đáng chú ý", False, {"per_kind": FEW}, 3),
        ("Smith", True, {"per_kind": {"name": 0}}, 0),
    ],
)
def test_of_several_kinds_the_fewest_count(
    lemma: str, ambiguous: bool, stated: dict[str, object], expected: int
) -> None:
    settings = ContextSettings.model_validate(stated)
    assert wanted_of(lemma, settings, VI, ambiguous=ambiguous) == expected


def test_what_each_setting_would_save_is_told(tmp_path: Path) -> None:
    lemmas = [("v-1", "khoan", 1), ("v-2", "khoan", 1), ("v-3", "Adam Smith", 0), ("v-4", "mèo", 0)]
    rows = [
        Sense(
            sense_id=f"{synset}#{lemma.replace(' ', '_')}",
            synset_id=synset,
            lemma=lemma,
            pos=Pos.NOUN,
            n_siblings=n,
            n_siblings_same_pos=n,
        )
        for synset, lemma, n in lemmas
    ]
    path = tmp_path / "senses.parquet"
    write_table(path, Sense, rows)
    assert list(savings(path, ContextSettings(per_sense=20), VI)) == [
        '2 of 4 senses have no sibling: per_kind.monosemous = 0 (or which = "ambiguous") '
        "asks 4 requests less",
        "1 of 4 senses are names: per_kind.name = 0 asks 2 requests less",
    ]
    chosen = ContextSettings.model_validate({"which": "ambiguous", "per_kind": {"name": 3}})
    assert list(savings(path, chosen, VI)) == []
