"""WN-LMF through the parser of ``wn``."""

from __future__ import annotations

import gzip
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.sources.interface import SourceDescription, SourceSynset
from schemas.errors import InputError
from schemas.records import Pos, SourceText

pytest.importorskip("wn", reason="needs the extra wordnet")

from pipeline.sources.lmf import read_lmf_source

VI = find_language("vi")
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def write_lmf(tmp_path: Path):
    def write(text: str | bytes, name: str = "tvwn.xml") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_vietnamese_synsets_come_with_definitions_ili_and_relations(write_lmf, lmf_text) -> None:
    lexicon = read_lmf_source(write_lmf(lmf_text), VI)
    assert lexicon.synsets == (
        SourceSynset(
            synset_id="tvwn-0001-n",
            pos=Pos.NOUN,
            supersense="noun.artifact",
            lemmas=("khoan", "máy_khoan"),
            ili="i50607",
            gloss=SourceText(text="dụng cụ có mũi nhọn xoắn, dùng để tạo lỗ", language="vi"),
            hypernyms=("dụng cụ",),
            examples=SourceText.each(("Mũi khoan gãy đôi.", "Anh mượn hàng xóm cái khoan."), "vi"),
        ),
        SourceSynset("tvwn-0002-n", Pos.NOUN, "noun", ("dụng cụ",)),
        SourceSynset(
            "tvwn-0003-v",
            Pos.VERB,
            "verb.contact",
            ("khoan",),
            gloss=SourceText(text="dùng mũi nhọn xoáy sâu để tạo lỗ", language="vi"),
        ),
        SourceSynset(
            "tvwn-0004-v",
            Pos.VERB,
            "verb",
            ("khoan",),
            gloss=SourceText(text="dừng lại, đừng vội làm việc gì", language="vi"),
        ),
        SourceSynset("tvwn-0005-n", Pos.NOUN, "noun", (), ili="i1"),
    )
    assert lexicon.description == SourceDescription(
        name="Từ điển thử 1.0",
        url="https://example.org/tvwn",
        licence="https://creativecommons.org/licenses/by/4.0/",
    )


def test_a_prefix_takes_the_place_of_the_lexicons_id(write_lmf, lmf_text) -> None:
    synsets = read_lmf_source(write_lmf(lmf_text), VI, "vi").synsets
    assert synsets[0].synset_id == "vi-0001-n"


@pytest.mark.parametrize(("suffix", "module"), [("gz", gzip), ("xz", lzma)])
def test_compressed_files_are_read(write_lmf, lmf_text, suffix: str, module) -> None:
    path = write_lmf(module.compress(lmf_text.encode()), f"tvwn.xml.{suffix}")
    assert len(read_lmf_source(path, VI).synsets) == 5


def test_nothing_is_written_to_home_or_left_behind(write_lmf, lmf_text, tmp_path: Path) -> None:
    path = write_lmf(gzip.compress(lmf_text.encode()), "tvwn.xml.gz")
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    code = (
        "import sys, pathlib; from pipeline.sources.lmf import read_lmf_source; "
        "from languages.find import find_language; "
        "print(len(read_lmf_source(pathlib.Path(sys.argv[1]), find_language('vi')).synsets))"
    )
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": "."}
    environment.pop("WN_DATA_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "5\n"
    assert not list(home.iterdir())
    assert not list(temporary.iterdir())


def test_an_id_that_does_not_begin_with_the_lexicons_is_kept_whole(write_lmf, lmf_text) -> None:
    path = write_lmf(lmf_text.replace('"tvwn-0005-n"', '"n:0005"'))
    assert read_lmf_source(path, VI).synsets[-1].synset_id == "tvwn-n:0005"


def change(old: str, new: str):
    return lambda text: text.replace(old, new, 1)


UNREADABLE = {
    "an unclosed element": (
        change("<Lemma ", "<Lemma <"),
        r"tvwn\.xml, line 8: malformed XML \(not well-formed \(invalid token\)\)",
    ),
    "a torn file": (
        lambda text: text[: len(text) // 2],
        r"tvwn\.xml, line \d+: malformed XML \(",
    ),
    "a sense of no synset": (
        change('synset="tvwn-0002-n"', 'synset="tvwn-0099-n"'),
        r"line 19: the sense 'tvwn-dung_cu-1' is of the synset 'tvwn-0099-n', which the lexicon",
    ),
    "a repeated id": (
        change('<Synset id="tvwn-0002-n"', '<Synset id="tvwn-0001-n"'),
        r"line 32: the id 'tvwn-0001-n' is already that of line 26",
    ),
    "an attribute less": (
        change(' ili="in"', ""),
        r"line 32: <Synset> lacks ili",
    ),
    "an id with a hash": (
        lambda text: text.replace("tvwn-0005-n", "tvwn-0005#n"),
        r"line 39: the id 'tvwn-0005#n' must have neither '#' nor spaces",
    ),
    "an unknown element": (
        lambda text: text.replace("Example>", "Beispiel>"),
        r"tvwn\.xml: not WN-LMF \(unexpected element at line 10: Beispiel\)",
    ),
    "an entry without a lemma": (
        change('<Lemma writtenForm="khoan" partOfSpeech="n"/>', ""),
        r"tvwn\.xml: not WN-LMF \(an element lacks a part",
    ),
    "another XML": (
        lambda text: "<html/>",
        r"tvwn\.xml: not WN-LMF \(not a valid lexical resource",
    ),
    "no XML": (lambda text: "khoan,máy khoan\n", r"tvwn\.xml: not WN-LMF \(not a valid"),
    "no Vietnamese": (
        change('language="vi"', 'language="fr"'),
        r"tvwn\.xml: no Vietnamese lexicon \(language vi\) in it, but en, fr; \[run\] language may "
        r"be (?:\w+, )*vi, and docs/languages\.md says how to add one",
    ),
    "UTF-16": (
        lambda text: text.encode("utf-16"),
        r"tvwn\.xml, line 1: this is UTF-16, UTF-8 is wanted",
    ),
    "Windows-1258": (
        lambda text: text.replace("máy", "ma\u0301y").encode("cp1258", "ignore"),
        r"tvwn\.xml, line 4: byte \d+ \(0x[0-9a-f]+\) is not UTF-8; it looks like Windows-1258",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_bad_input_is_one_line_that_names_the_place(write_lmf, lmf_text, case: str) -> None:
    damage, message = UNREADABLE[case]
    with pytest.raises(InputError, match=message) as caught:
        read_lmf_source(write_lmf(damage(lmf_text)), VI)
    assert "\n" not in str(caught.value)


def test_a_damaged_archive_is_named(write_lmf, lmf_text) -> None:
    path = write_lmf(gzip.compress(lmf_text.encode())[:-30], "tvwn.xml.gz")
    with pytest.raises(InputError, match=r"tvwn\.xml\.gz: the archive is damaged"):
        read_lmf_source(path, VI)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.xml: no such file; check \[source\] path"):
        read_lmf_source(tmp_path / "gone.xml", VI)


def test_each_language_gets_its_own_lexicons_and_the_language_of_every_text(
    write_lmf, lmf_text
) -> None:
    path = write_lmf(lmf_text)
    (synset,) = read_lmf_source(path, find_language("en")).synsets
    assert synset.synset_id == "other-0001-n"
    foreign = lmf_text.replace("<Definition>dụng cụ có", '<Definition language="fr">outil')
    first = read_lmf_source(write_lmf(foreign), VI).synsets[0]
    assert first.gloss == SourceText(text="a tool that bores holes", language="en")
    assert [example.language for example in first.examples] == ["vi", "vi"]
    tagged = lmf_text.replace('language="vi"', 'language="vi-VN"')
    assert read_lmf_source(write_lmf(tagged), VI).synsets[0].examples[0].language == "vi"
