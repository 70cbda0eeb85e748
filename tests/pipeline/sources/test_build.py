"""The whole stage on small sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from languages.find import find_language
from pipeline.sources.build import build_synsets
from pipeline.sources.figures import SourceFigures
from pipeline.sources.settings import NoiseSettings, SourceSettings
from schemas.records import Polysemy, Reject, Sense, Synset
from schemas.tables import content_hash, read_table

FILES = {
    "noun.artifact.csv": "2,khoan,máy khoan,máy  khoan\n10,đá,wolf\n",
    "verb.contact.csv": "9,khoan\n",
    "verb.stative.csv": "33,khoan,khoan đã\n",
    "noun.act.csv": "7,đá\n",
}


def build(source: SourceSettings, folder: Path) -> tuple[SourceFigures, list[Reject]]:
    rejects: list[Reject] = []
    figures = build_synsets(
        source,
        NoiseSettings(),
        find_language("vi"),
        synsets_path=folder / "synsets.parquet",
        senses_path=folder / "senses.parquet",
        on_reject=rejects.append,
    )
    return figures, rejects


def test_tables_are_sorted_by_id_and_hold_what_was_not_rejected(write_files, tmp_path) -> None:
    source = SourceSettings(kind="csv", path=write_files(FILES))
    figures, rejects = build(source, tmp_path)
    synsets = list(read_table(tmp_path / "synsets.parquet", Synset))
    senses = list(read_table(tmp_path / "senses.parquet", Sense))
    assert [(s.synset_id, s.lemmas) for s in synsets] == [
        ("viwn-10", ("đá",)),
        ("viwn-2", ("khoan", "máy khoan")),
        ("viwn-33", ("khoan", "khoan đã")),
        ("viwn-7", ("đá",)),
        ("viwn-9", ("khoan",)),
    ]
    assert [(s.sense_id, s.n_siblings, s.n_siblings_same_pos) for s in senses] == [
        ("viwn-10#đá", 1, 1),
        ("viwn-2#khoan", 2, 0),
        ("viwn-2#máy_khoan", 0, 0),
        ("viwn-33#khoan", 2, 1),
        ("viwn-33#khoan_đã", 0, 0),
        ("viwn-7#đá", 1, 1),
        ("viwn-9#khoan", 2, 1),
    ]
    assert [(r.item_id, r.code) for r in rejects] == [
        ("viwn-10#wolf", "foreign_letter"),
        ("viwn-2#máy_khoan", "repeated_lemma"),
    ]
    assert figures.rejected == {"foreign_letter": 1, "repeated_lemma": 1}
    assert figures.senses == {
        Polysemy.MONOSEMOUS: 2,
        Polysemy.CROSS_POS: 1,
        Polysemy.SAME_POS: 4,
    }
    assert (figures.before.lemma_tokens, figures.after.lemma_tokens) == (9, 7)


def test_the_same_source_twice_gives_equal_tables(write_files, tmp_path) -> None:
    source = SourceSettings(kind="csv", path=write_files(FILES))
    build(source, tmp_path / "a")
    build(source, tmp_path / "b")
    for name, record in (("synsets", Synset), ("senses", Sense)):
        first, second = (tmp_path / run / f"{name}.parquet" for run in "ab")
        assert content_hash(first, record) == content_hash(second, record)


def test_what_the_card_says_can_be_set(write_files, tmp_path) -> None:
    folder = write_files(FILES)
    figures, _ = build(SourceSettings(kind="csv", path=folder), tmp_path)
    assert figures.description.name == "Vietnamese WordNet"
    mine = SourceSettings(kind="csv", path=folder, name="Mine", licence="CC0-1.0", prefix="demo")
    figures, _ = build(mine, tmp_path)
    assert figures.description.name == "Mine"
    assert figures.description.licence == "CC0-1.0"
    assert figures.description.url == "http://viet.wordnet.vn"
    assert next(read_table(tmp_path / "synsets.parquet", Synset)).synset_id == "demo-10"


def test_omw_and_lmf_are_sources_too(make_wordnet, lmf_text, tmp_path) -> None:
    pytest.importorskip("wn", reason="needs the extra wordnet")
    english = make_wordnet()
    (tmp_path / "x.tab").write_text(f"{english.offsets['tool']}-n\tvie:lemma\tdụng cụ\n")
    (tmp_path / "x.xml").write_text(lmf_text)
    omw = SourceSettings(kind="omw", path=tmp_path / "x.tab", wordnet=english.folder)
    assert build(omw, tmp_path)[0].after.synsets == 1
    figures, rejects = build(SourceSettings(kind="lmf", path=tmp_path / "x.xml"), tmp_path)
    assert figures.after.synsets == 4
    assert [(r.item_id, r.detail) for r in rejects] == [
        ("tvwn-0005-n", "the source gives it no lemma")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "excel", "path": "x"},
        {"kind": "csv", "path": "x", "wordnet": "y"},
        {"kind": "csv", "path": "x", "prefix": "a#b"},
        {"kind": "csv", "path": "x", "prefix": ""},
        {"kind": "csv", "path": "x", "colour": "red"},
    ],
)
def test_wrong_settings_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        SourceSettings.model_validate(wrong)
