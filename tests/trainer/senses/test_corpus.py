"""Documents of every kind of corpus, and what is no corpus."""

from __future__ import annotations

import tarfile
import unicodedata
from pathlib import Path

import pytest

from languages.boundaries import sentences_of
from languages.find import find_language
from schemas.errors import InputError, StorageError
from trainer.senses.corpus import corpus_digest, documents
from trainer.senses.sentences import worded

VI = find_language("vi")


def texts(*paths: Path) -> list[tuple[str, tuple[str, ...]]]:
    return [(document.name, document.lines) for document in documents(paths)]


def test_a_file_a_folder_and_an_archive_have_the_same_documents(tmp_path: Path) -> None:
    folder = tmp_path / "wiki"
    folder.mkdir()
    (folder / "b.txt").write_text("Hai.\n\nBa.\n", encoding="utf-8")
    (folder / "a.txt").write_text("Một.\n", encoding="utf-8")
    with tarfile.open(tmp_path / "wiki.tar.xz", "w:xz") as archive:
        archive.add(folder / "a.txt", "wiki/a.txt")
        archive.add(folder / "b.txt", "wiki/b.txt")
    wanted = [("wiki/a.txt:1", ("Một.",)), ("wiki/b.txt:1", ("Hai.", "Ba."))]
    assert texts(folder) == texts(tmp_path / "wiki.tar.xz") == wanted
    assert texts(folder / "a.txt") == [("a.txt:1", ("Một.",))]


def test_a_long_file_is_a_document_for_each_hundred_lines(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("".join(f"Câu {at}.\n" for at in range(250)), encoding="utf-8")
    found = texts(path)
    assert [name for name, _ in found] == ["long.txt:1", "long.txt:101", "long.txt:201"]
    assert [len(lines) for _, lines in found] == [100, 100, 50]


def test_text_is_normalised_and_a_line_without_end_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(unicodedata.normalize("NFD", "  đường \t dài ") + "x" * 25_000, "utf-8")
    ((_, lines),) = texts(path)
    assert lines[0] == "đường dài"
    assert [len(line) for line in lines[1:]] == [10_000, 10_000, 5_000]


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"bad\.txt: not UTF-8"):
        texts(bad)
    cut = tmp_path / "cut.tar.xz"
    cut.write_bytes(b"\xfd7zXZ nothing")
    with pytest.raises(InputError, match=r"cut\.tar\.xz: no readable archive"):
        texts(cut)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match=r"none: no \*\.txt in this folder"):
        texts(tmp_path / "none")
    with pytest.raises(StorageError, match="no such file"):
        texts(tmp_path / "absent.txt")


def test_the_digest_is_of_names_and_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "a.txt", tmp_path / "b.txt"
    for path in (one, other):
        path.write_text("Một.\n", encoding="utf-8")
    assert corpus_digest([one]) == corpus_digest([one]) != corpus_digest([other])
    before = corpus_digest([one])
    one.write_text("Hai.\n", encoding="utf-8")
    assert corpus_digest([one]) != before


def test_a_text_is_cut_where_sentences_end() -> None:
    text = "TP. HCM rất đông. Ông nói: “Đi thôi!” Trời mưa to... Ai về? 3 người."
    found = ["TP. HCM rất đông.", "Ông nói: “Đi thôi!”", "Trời mưa to...", "Ai về?", "3 người."]
    assert list(sentences_of(text, VI.sentences)) == found
    assert list(sentences_of("không có dấu", VI.sentences)) == ["không có dấu"]
    assert list(sentences_of("", VI.sentences)) == []


def test_the_words_of_a_sentence_are_cut_from_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Bà mẹ đi chợ, mua cá. Trời mưa.", encoding="utf-8")
    (document,) = documents([path])
    own = list(worded(document, VI, lambda text: text.replace(",", " ,").split(), 4))
    assert [sentence.text for sentence in own] == ["Bà mẹ đi chợ", ", mua cá.", "Trời mưa."]
    assert [[word.text for word in sentence.words] for sentence in own] == [
        ["Bà", "mẹ", "đi", "chợ"],
        [",", "mua", "cá."],
        ["Trời", "mưa."],
    ]
    assert [(word.spaced, word.attached) for word in own[0].words][:2] == [
        (False, False),
        (True, False),
    ]
