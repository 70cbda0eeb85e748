"""CSV sources with and without ids, as folder and archive, and every way to be wrong."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.sources.csv_folder import read_csv_source
from pipeline.sources.interface import SourceSynset
from schemas.errors import InputError
from schemas.records import Pos

VI = find_language("vi")

WITH_IDS = {
    "noun.artifact.csv": "2,khoan,máy khoan\r\n10,đá\r\n",
    "verb.contact.csv": "9,khoan\r\n",
    "interj.csv": '11,"ôi, chao",ôi\r\n',
}
WITHOUT_IDS = {
    "noun.artifact.csv": "khoan, máy khoan\nđá\n",
    "verb.contact.csv": "khoan\n",
    "noun.quantity.csv": "100, một trăm\n",
}


def test_rows_with_ids_keep_them(write_files) -> None:
    lexicon = read_csv_source(write_files(WITH_IDS), VI)
    assert {s.synset_id: s for s in lexicon.synsets}["viwn-2"] == SourceSynset(
        "viwn-2", Pos.NOUN, "noun.artifact", ("khoan", "máy khoan")
    )
    assert [s.synset_id for s in lexicon.synsets] == ["viwn-11", "viwn-2", "viwn-10", "viwn-9"]
    assert lexicon.synsets[0].lemmas == ("ôi, chao", "ôi")
    assert lexicon.synsets[0].pos is Pos.OTHER


def test_rows_without_ids_get_them_from_content(write_files) -> None:
    lexicon = read_csv_source(write_files(WITHOUT_IDS), VI, "up")
    assert [s.synset_id for s in lexicon.synsets][:1] == ["up-f446a39e03d5"]
    assert [s.lemmas for s in lexicon.synsets] == [
        ("khoan", " máy khoan"),
        ("đá",),
        ("100", " một trăm"),
        ("khoan",),
    ]


@pytest.mark.parametrize("compression", ["", "gz", "xz"])
def test_an_archive_equals_its_folder(write_files, tmp_path: Path, compression: str) -> None:
    folder = write_files({**WITHOUT_IDS, "README.md": "not a table"})
    archive = tmp_path / f"wn.tar.{compression}"
    with tarfile.open(archive, f"w:{compression}") as tar:
        for file in sorted(folder.iterdir(), reverse=True):
            tar.add(file, f"some/folder/{file.name}")
    by_id = {s.synset_id: s for s in read_csv_source(archive, VI).synsets}
    assert by_id == {s.synset_id: s for s in read_csv_source(folder, VI).synsets}


def test_a_single_file_is_a_source(write_files) -> None:
    folder = write_files(WITH_IDS)
    assert len(read_csv_source(folder / "noun.artifact.csv", VI).synsets) == 2


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["adj.csv", "adv.csv", "noun.food.csv"]),
            st.lists(st.sampled_from(["sao", "bỏ", "đá", "hoà", "hòa"]), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=10,
    ),
    random=st.randoms(use_true_random=False),
)
def test_ids_and_content_survive_any_order(rows, random, tmp_path_factory) -> None:
    def read(rows: list[tuple[str, list[str]]]) -> set[SourceSynset]:
        folder = tmp_path_factory.mktemp("shuffled")
        for name, lemmas in rows:
            with open(folder / name, "a", encoding="utf-8") as file:
                file.write(", ".join(lemmas) + "\n")
        synsets = read_csv_source(folder, VI).synsets
        assert len({s.synset_id for s in synsets}) == len(rows)
        return set(synsets)

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert read(rows) == read(shuffled)


UNREADABLE = {
    "an unknown file name": (
        {"noun.anmial.csv": "1,mèo\n"},
        r"noun\.anmial\.csv: files are named after supersenses; did you mean noun\.animal\.csv\?",
    ),
    "no file": ({"readme.txt": "x"}, r"source: holds no \.csv file"),
    "empty files": ({"adj.csv": "", "adv.csv": " \n"}, r"source: its 2 CSV files are empty"),
    "a repeated id": (
        {"adj.csv": "1,to\n2,bé\n", "adv.csv": "\n1,rất\n"},
        r"adv\.csv, line 2: id 1 is already that of .*adj\.csv, line 1$",
    ),
    "a header": (
        {"adj.csv": "id,lemma\n1,to\n2,bé\n3,con\n"},
        r"adj\.csv, line 1: 'id' is not an id; the first column is a number",
    ),
    "an id without lemmas": (
        {"adj.csv": "1,to\n2\n3,bé\n"},
        r"adj\.csv, line 2: id 2 has no lemma; wanted: id,lemma,lemma",
    ),
    "semicolons": (
        {"adj.csv": "1;to;lớn\n"},
        r"adj\.csv, line 1: columns are separated by commas, not so here: '1;to;lớn'",
    ),
    "tabs": ({"adj.csv": "to\tlớn\n"}, r"adj\.csv, line 1: columns are separated by commas"),
    "an open quote": (
        {"adj.csv": '1,to\n2,"bé\n3,con\n'},
        r"adj\.csv, line 2: malformed CSV \(unexpected end of data\)",
    ),
    "UTF-16": (
        {"adj.csv": "1,lớn\n".encode("utf-16")},
        r"adj\.csv, line 1: this is UTF-16, UTF-8 is wanted; save it as UTF-8",
    ),
    "UTF-16 without a mark": (
        {"adj.csv": "1,to\n2,con\n".encode("utf-16-le")},
        r"adj\.csv, line 1: this is UTF-16",
    ),
    "Windows-1258": (
        {"adj.csv": b"1,to\r\n2,nh\xf2\r\n"},
        r"adj\.csv, line 2: byte 10 \(0xf2\) is not UTF-8; it looks like Windows-1258; save",
    ),
    "a torn letter": (
        {"adj.csv": "\ufeff1,to\n2,bé".encode()[:-1]},
        r"adj\.csv, line 2: byte 11 \(0xc3\) is not UTF-8; save the file as UTF-8",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_bad_input_is_one_line_that_names_the_place(write_files, case: str) -> None:
    files, message = UNREADABLE[case]
    with pytest.raises(InputError, match=message) as caught:
        read_csv_source(write_files(files), VI)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault(write_files) -> None:
    (synset,) = read_csv_source(write_files({"adj.csv": "\ufeff1,to\n"}), VI).synsets
    assert synset.synset_id == "viwn-1"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone: no such file or folder; check \[source\] path"):
        read_csv_source(tmp_path / "gone", VI)


def test_a_file_that_is_no_archive_is_named(write_files) -> None:
    folder = write_files({"wn.tar.xz": "hello"})
    with pytest.raises(InputError, match=r"wn\.tar\.xz: neither a folder nor a readable archive"):
        read_csv_source(folder / "wn.tar.xz", VI)


def test_a_torn_archive_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "wn.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        member = tarfile.TarInfo("adj.csv")
        text = "".join(f"{number},từ {number * 7919}\n" for number in range(5000)).encode()
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(InputError, match=r"wn\.tar\.xz: .*(damaged|readable archive)"):
        read_csv_source(archive, VI)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "wn.tar"
    with tarfile.open(archive, "w") as tar:
        for folder in "ab":
            tar.addfile(tarfile.TarInfo(f"{folder}/adj.csv"), io.BytesIO())
    with pytest.raises(InputError, match=r"wn\.tar: holds a/adj\.csv and b/adj\.csv; keep one"):
        read_csv_source(archive, VI)


def test_bytes_that_windows_1258_lacks_are_not_taken_for_it(write_files) -> None:
    folder = write_files({"adj.csv": b"1,caf\x8d t\xcco\n"})
    with pytest.raises(InputError, match=r"line 1: byte 5 \(0x8d\) is not UTF-8; save the file"):
        read_csv_source(folder, VI)
