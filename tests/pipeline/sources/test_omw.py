"""Extended OMW over a hand-written WordNet database."""

from __future__ import annotations

import shutil
from pathlib import Path

import nltk.data
import pytest

from languages.find import find_language
from pipeline.sources.interface import SourceDescription, SourceSynset
from pipeline.sources.omw import read_omw_source
from schemas.errors import InputError
from schemas.records import Pos, SourceText

VI = find_language("vi")
HEADER = "# Wiktionary\tvie\thttp://wiktionary.org/\tCC BY-SA\n"


@pytest.fixture
def write_tab(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "wn-wikt-vie.tab"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_lemmas_come_with_english_hints(write_tab, make_wordnet) -> None:
    english = make_wordnet()
    key = f"{english.offsets['drill']}-n"
    tab = write_tab(f"{HEADER}{key}\tvie:lemma\tkhoan\n\n{key}\tvie:lemma\tmáy_khoan\n")
    lexicon = read_omw_source(tab, english.folder, VI)
    assert lexicon.synsets == (
        SourceSynset(
            synset_id=f"omw-{key}",
            pos=Pos.NOUN,
            supersense="noun.artifact",
            lemmas=("khoan", "máy_khoan"),
            gloss=SourceText(
                text="a tool with a sharp point for making holes in hard materials", language="en"
            ),
            hypernyms=("artifact, artefact", "tool"),
            examples=(SourceText(text="he bought a drill", language="en"),),
        ),
    )
    assert lexicon.description == SourceDescription(
        name="Wiktionary (Extended Open Multilingual Wordnet)",
        url="http://wiktionary.org/",
        licence="CC BY-SA; English hints: Princeton WordNet 3.0 (WordNet licence)",
    )


def test_satellites_are_adjectives_whichever_letter_is_used(write_tab, make_wordnet) -> None:
    english = make_wordnet()
    offset = english.offsets["arid"]
    tab = write_tab(f"{offset}-a\tvie:lemma\tkhô cằn\n{offset}-s\tvie:lemma\tkhô hạn\n")
    (synset,) = read_omw_source(tab, english.folder, VI, "x").synsets
    assert (synset.synset_id, synset.pos) == (f"x-{offset}-a", Pos.ADJ)
    assert (synset.supersense, synset.lemmas) == ("adj.all", ("khô cằn", "khô hạn"))


def test_each_part_of_speech_has_its_file(write_tab, make_wordnet) -> None:
    english = make_wordnet()
    rows = [("artifact", "n"), ("bore", "v"), ("dry", "a"), ("fast", "r")]
    tab = write_tab("".join(f"{english.offsets[n]}-{p}\tvie:lemma\ttừ {n}\n" for n, p in rows))
    found = [
        (s.supersense, s.pos, s.gloss and s.gloss.text)
        for s in read_omw_source(tab, english.folder, VI).synsets
    ]
    assert found == [
        ("noun.tops", Pos.NOUN, "a man-made object"),
        ("verb.contact", Pos.VERB, "make a hole"),
        ("adj.all", Pos.ADJ, "free from moisture"),
        ("adv.all", Pos.ADV, "quickly"),
    ]


def test_a_vietnamese_definition_comes_before_the_english_one(write_tab, make_wordnet) -> None:
    english = make_wordnet()
    key = f"{english.offsets['tool']}-n"
    tab = write_tab(
        f"{key}\tvie:lemma\tdụng cụ\n{key}\tvie:def\t0\tvật dùng để làm việc\n"
        f"{key}\tvie:exe\t0\tdụng cụ làm vườn\n"
    )
    (synset,) = read_omw_source(tab, english.folder, VI).synsets
    assert synset.gloss == SourceText(text="vật dùng để làm việc", language="vi")
    assert synset.examples == (SourceText(text="dụng cụ làm vườn", language="vi"),)


@pytest.mark.parametrize("shift", [0, 1, 18])
def test_synsets_moved_by_corrected_definitions_are_found(
    write_tab, make_wordnet, shift: int
) -> None:
    english = make_wordnet()
    corrected = make_wordnet(extra="x" * shift) if shift else english
    lines = [f"{english.offsets[name]}-n\tvie:lemma\ttừ\n" for name in ("artifact", "drill")]
    synsets = read_omw_source(write_tab("".join(lines)), corrected.folder, VI).synsets
    assert [s.synset_id for s in synsets] == [f"omw-{line[:10]}" for line in lines]
    assert synsets[1].hypernyms == ("artifact, artefact", "tool")


def test_a_synset_that_begins_elsewhere_is_not_found(write_tab, make_wordnet) -> None:
    offset = int(make_wordnet().offsets["tool"])
    moved = make_wordnet(extra="x" * 19)
    with pytest.raises(InputError, match=rf"tab, line 1: {offset:08d}-n is not in .*dict19; "):
        read_omw_source(write_tab(f"{offset:08d}-n\tvie:lemma\tdụng cụ\n"), moved.folder, VI)


UNREADABLE = {
    "a column less": ("OK\n00000001-n\tdụng cụ\n", r"line 2: 2 columns; wanted: offset-pos TAB"),
    "a column more": ("OK\n00000001-n\tvie:lemma\ta\tb\n", r"line 2: 4 columns; wanted"),
    "no key": ("OK\n1-n\tvie:lemma\ta\n", r"line 2: '1-n' is not a synset of WordNet 3\.0"),
    "a wrong pos": ("OK\n00000001-x\tvie:lemma\ta\n", r"line 2: '00000001-x' is not a synset"),
    "a wrong kind": ("OK\n00000001-n\tvie:foo\ta\n", r"line 2: unknown kind 'foo'; known: lemma,"),
    "another language": ("OK\n00000001-n\tfra:lemma\ta\n", r"line 2: language 'fra', 'vie' is"),
    "nothing but a header": (HEADER, r"tab: no vie:lemma line in it; wanted"),
    "an unknown offset": (
        "OK\n99999999-n\tvie:lemma\ta\n",
        r"line 2: 99999999-n is not in .*dict0",
    ),
    "Windows-1258": (b"00000001-n\tvie:lemma\tnh\xf2\n", r"line 1: byte 23 \(0xf2\) is not UTF-8"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_bad_input_is_one_line_that_names_the_place(write_tab, make_wordnet, case: str) -> None:
    english = make_wordnet()
    text, message = UNREADABLE[case]
    if isinstance(text, str):
        text = text.replace("OK\n", f"{english.offsets['tool']}-n\tvie:lemma\tdụng cụ\n")
    with pytest.raises(InputError, match=message) as caught:
        read_omw_source(write_tab(text), english.folder, VI)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_tab_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"this is a folder; give the \.tab file in it"):
        read_omw_source(tmp_path, None, VI)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.tab: no such file or folder"):
        read_omw_source(tmp_path / "gone.tab", None, VI)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            lambda folder: shutil.rmtree(folder),
            r"dict0: no such folder; .*nltk\.downloader wordnet",
        ),
        (
            lambda folder: (folder / "data.verb").unlink(),
            r"dict0: lacks data\.verb; .*wordnet-base",
        ),
        (
            lambda folder: (folder / "data.noun").write_text("tool n one\n"),
            r"dict0/data\.noun, line 1: not a line of a WordNet database, which begins with an off",
        ),
    ],
)
def test_a_broken_wordnet_says_what_to_do(write_tab, make_wordnet, break_it, message) -> None:
    english = make_wordnet()
    tab = write_tab(f"{english.offsets['tool']}-n\tvie:lemma\tdụng cụ\n")
    break_it(english.folder)
    with pytest.raises(InputError, match=message):
        read_omw_source(tab, english.folder, VI)


def test_another_version_of_wordnet_is_refused(write_tab, make_wordnet) -> None:
    english = make_wordnet(version="3.1")
    tab = write_tab(f"{english.offsets['tool']}-n\tvie:lemma\tdụng cụ\n")
    with pytest.raises(InputError, match=r"this is WordNet 3\.1, the \.tab files refer to 3\.0"):
        read_omw_source(tab, english.folder, VI)


def test_without_any_wordnet_it_says_what_to_install(write_tab, monkeypatch) -> None:
    monkeypatch.setattr(nltk.data, "path", [])
    tab = write_tab("00000001-n\tvie:lemma\tdụng cụ\n")
    with pytest.raises(InputError, match=r"no Princeton WordNet 3\.0 found; get it with `python"):
        read_omw_source(tab, None, VI)


@pytest.mark.parametrize("zipped", [False, True])
def test_by_default_nltks_own_corpus_is_used(
    write_tab, make_wordnet, tmp_path, monkeypatch, zipped: bool
) -> None:
    english = make_wordnet()
    corpus = tmp_path / "nltk" / "corpora" / "wordnet"
    shutil.copytree(english.folder, corpus)
    if zipped:
        shutil.make_archive(str(corpus), "zip", corpus.parent, "wordnet")
        shutil.rmtree(corpus)
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "nltk")])
    tab = write_tab(f"{english.offsets['tool']}-n\tvie:lemma\tdụng cụ\n")
    (synset,) = read_omw_source(tab, None, VI).synsets
    assert synset.gloss == SourceText(text="an implement", language="en")
