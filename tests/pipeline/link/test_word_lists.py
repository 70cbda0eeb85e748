"""Bilingual word lists are read in four formats, and what is none is named in one line."""

import gzip
import struct
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.link.gloss_text import equivalents
from pipeline.link.word_lists import WordList, read_word_lists
from schemas.errors import InputError

VI = find_language("vi")
ARTICLE = "@chuột\n* noun\n- (động vật) Mouse, rat\n=bẫy chuột+mouse-trap\n- to gnaw\n"


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(*paths: Path) -> WordList:
    return read_word_lists(paths, VI)


def phrases(found: WordList) -> dict[str, list[str]]:
    return {key: list(english) for key, english in found.phrases.items()}


def star_dict(folder: Path, entries: dict[str, str], told: str = "sametypesequence=m\n") -> Path:
    index, articles = b"", b""
    for word, article in entries.items():
        data = article.encode()
        index += word.encode() + b"\0" + struct.pack(">II", len(articles), len(data))
        articles += data
    written(folder / "d.idx", index)
    written(folder / "d.dict.dz", gzip.compress(articles))
    return written(folder / "d.ifo", f"StarDict's dict ifo file\nversion=2.4.2\n{told}")


def test_a_text_gives_its_words_without_brackets_and_small_words() -> None:
    assert list(equivalents("(cũ) To be sad; the  cat, the cat / Musk - cat.")) == [
        *("sad", "cat", "musk-cat")
    ]
    assert list(equivalents("to, " + "x" * 61)) == ["to"]


def test_lists_of_all_formats_are_one(tmp_path: Path) -> None:
    found = read(
        written(tmp_path / "a.tsv", "Chuột\tmouse; rodent\n\nhoà\tpeace\n"),
        written(tmp_path / "b.json", '{"chuột": {"definitions": ["@chuột\\n- Mouse, rat"]}}'),
        star_dict(tmp_path, {"chuột": ARTICLE, "sư tử": "<b>lion</b>"}),
    )
    assert phrases(found) == {
        "chuột": ["mouse", "rodent", "rat", "gnaw"],
        "hoà": ["peace"],
        "sư tử": ["lion"],
    }
    assert found.knows(VI.match_key("hòa"))
    assert not found.knows("mèo")


def test_a_tab_file_names_the_very_synsets(tmp_path: Path) -> None:
    path = written(
        tmp_path / "vie.tab",
        "# name\tvie\turl\tlicence\n00003700-s\tvie:lemma\tmèo\n00003700-s\tvie:def\t0\tcon vật\n",
    )
    found = read(path)
    assert {key: list(names) for key, names in found.synsets.items()} == {"mèo": ["00003700-a"]}
    assert found.knows("mèo")


def test_star_dict_with_types_in_its_articles_and_wide_offsets(tmp_path: Path) -> None:
    written(tmp_path / "w.idx", b"ch\xc3\xb3\0" + struct.pack(">QI", 0, 4))
    written(tmp_path / "w.dict", b"mdog")
    path = written(tmp_path / "w.ifo", "StarDict's dict ifo file\nidxoffsetbits=64\n")
    assert phrases(read(path)) == {"chó": ["dog"]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.tsv", "mèo\tcat\nchuột\n", r"a\.tsv, line 2: wanted a word, a tab and its English"),
        ("a.tsv", "", r"a\.tsv: no entry in it with an English side"),
        ("a.tsv", b"m\xe8o\tcat\n", r"a\.tsv, line 1: byte 1 .* is not UTF-8"),
        ("a.json", "{", r"a\.json: not valid JSON"),
        ("a.json", "[]", r'a\.json: wanted \{"word"'),
        ("a.json", '{"x": {"definitions": [1]}}', r"a\.json: the entry 'x' is not of the form"),
        ("a.tab", "1-n\tvie:lemma\tmèo\n", r"a\.tab, line 1: wanted offset-pos, a tab"),
        ("a.csv", "mèo,cat", r"a\.csv: word lists end in \.tsv, \.json, \.ifo, \.tab, not '\.csv'"),
        ("a.ifo", "not a dictionary", r"a\.ifo: not a StarDict dictionary, whose first line is"),
        ("a.ifo", "StarDict's dict ifo file\n", r"a\.idx: no such file; a StarDict dictionary"),
    ],
)
def test_what_is_no_list_is_named(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(InputError, match=said):
        read(path)


@pytest.mark.parametrize(
    ("index", "packed", "said"),
    [
        (b"m\0" + struct.pack(">II", 0, 99), b"cat", "reaches to byte 99 of 3"),
        (b"m\0\0\0", b"cat", "its index breaks off at byte 0"),
        (b"m" * 9, b"cat", "its index breaks off at byte 0"),
        (b"m\0" + struct.pack(">II", 0, 1), b"\x1f\x8bxx", "damaged"),
    ],
)
def test_a_damaged_star_dict_is_named(
    tmp_path: Path, index: bytes, packed: bytes, said: str
) -> None:
    path = star_dict(tmp_path, {})
    written(tmp_path / "d.idx", index)
    written(tmp_path / "d.dict.dz", packed)
    with pytest.raises(InputError, match=said):
        read(path)
