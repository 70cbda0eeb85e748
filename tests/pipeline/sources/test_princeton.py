"""Princeton WordNet's own files as a source of English."""

from __future__ import annotations

from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.sources.interface import SourceDescription, SourceSynset
from pipeline.sources.princeton import read_princeton_source
from pipeline.sources.princeton_file import open_wordnet
from pipeline.sources.read import read_source
from pipeline.sources.settings import SourceSettings
from schemas.errors import InputError
from schemas.records import Pos, SourceText
from testing.wordnet_database import DatabaseLine, write_database

EN = find_language("en")


def english(text: str) -> SourceText:
    return SourceText(text=text, language="en")


def test_synsets_come_with_definition_examples_and_hypernyms(make_wordnet) -> None:
    database = make_wordnet()
    lexicon = read_princeton_source(database.folder, EN)
    by_name = {name: f"{offset}" for name, offset in database.offsets.items()}
    assert [s.synset_id for s in lexicon.synsets] == [
        f"pwn-{by_name[name]}-{letter}"
        for name, letter in zip(
            ("artifact", "tool", "drill", "bore", "dry", "arid", "fast"), "nnnvaar", strict=True
        )
    ]
    assert lexicon.synsets[2] == SourceSynset(
        synset_id=f"pwn-{by_name['drill']}-n",
        pos=Pos.NOUN,
        supersense="noun.artifact",
        lemmas=("drill", "power_drill"),
        gloss=english("a tool with a sharp point for making holes in hard materials"),
        hypernyms=("artifact, artefact", "tool"),
        examples=(english("he bought a drill"),),
    )
    assert lexicon.synsets[4].supersense == "adj.all"
    assert lexicon.description == SourceDescription(
        name="Princeton WordNet 3.0",
        url="https://wordnet.princeton.edu/",
        licence="WordNet 3.0 license",
        citation="George A. Miller (1995). WordNet: A Lexical Database for English. "
        "Communications of the ACM 38(11), 39-41.",
        notice="WordNet 3.0 Copyright 2006 by Princeton University.",
    )


def test_a_database_without_princetons_header_is_somebody_elses(tmp_path: Path) -> None:
    write_database(tmp_path, [DatabaseLine("a", "noun", "n", 3, ("thing",), "whatever there is")])
    lexicon = read_princeton_source(tmp_path, EN, "mine")
    assert [s.synset_id for s in lexicon.synsets] == ["mine-00000000-n"]
    assert lexicon.description == SourceDescription(
        "a database in the format of WordNet", "", "not stated"
    )


GLOSSES = {
    "plain": ("a tool", "a tool", ()),
    "several definitions": ("a tool; a machine", "a tool; a machine", ()),
    "examples": ('a tool; "buy a drill"; "rent it"', "a tool", ("buy a drill", "rent it")),
    "a semicolon in an example": ('a duty; "no; never"', "a duty", ("no; never",)),
    "who said it": (
        'with ease; "they conversed with great facility"; "a happy readiness"--Jane Austen',
        "with ease",
        ("they conversed with great facility", "a happy readiness"),
    ),
    "a quote in the definition": (
        'progress (as in "make strides"); "they made strides"',
        'progress (as in "make strides")',
        ("they made strides",),
    ),
    "a colon for a semicolon": ('a female: "a cow"', "a female", ("a cow",)),
    "a quote that is missing": ('buying; "the shopping is done"; in the car"', "buying", ()),
    "single quotes": (
        "followed by `to'; \"`moo' is a child's\"",
        "followed by ‘to’",
        ("‘moo’ is a child's",),
    ),
    "no definition": ('"only this"', "", ("only this",)),
}


@pytest.mark.parametrize("case", GLOSSES)
def test_a_gloss_falls_into_definition_and_examples(tmp_path: Path, case: str) -> None:
    gloss, definition, examples = GLOSSES[case]
    write_database(tmp_path, [DatabaseLine("a", "noun", "n", 3, ("thing",), gloss)])
    (synset,) = open_wordnet(tmp_path)
    assert (synset.definition, synset.examples) == (definition, examples)


def test_where_an_adjective_may_stand_is_no_part_of_it(tmp_path: Path) -> None:
    words = ("galore(ip)", "awake(p)", "former(a)", "R.E.M.(s)")
    write_database(tmp_path, [DatabaseLine("a", "adj", "a", 0, words, "there")])
    (synset,) = open_wordnet(tmp_path)
    assert synset.words == ("galore", "awake", "former", "R.E.M.(s)")


def test_the_frames_of_a_verb_are_no_pointers(tmp_path: Path) -> None:
    write_database(tmp_path, [])
    above = "00000000 29 v 01 act 0 000 01 + 02 00 | do something  \n"
    below = "00000060 29 v 01 breathe 0 001 @ 00000000 v 0000 02 + 02 00 + 08 00 | draw air  \n"
    (tmp_path / "data.verb").write_text(above + below, encoding="utf-8")
    database = open_wordnet(tmp_path)
    act, breathe = database
    assert (act.above, breathe.above) == ((), (("v", 0),))
    assert database.hypernyms(breathe) == ("act",)


GOOD = "00000000 03 n 01 thing 0 000 | whatever there is  \n"
UNREADABLE = {
    "no line": ("thing\n", r"data\.noun, line 1: not a line of a WordNet database, which begins"),
    "no gloss": (GOOD.replace("|", ""), r"line 1: not a line .* \(wanted: offset, file, kind"),
    "a kind of another file": (GOOD.replace(" n ", " v "), r"\(a synset of kind v in data\.noun\)"),
    "no such file": (GOOD.replace(" 03 ", " 45 "), r"\(there is no lexicographer file 45\)"),
    "fewer words than stated": (GOOD.replace(" 01 ", " 04 "), r"line 1: not a line of a WordNet"),
    "no words": (GOOD.replace(" 01 thing 0", " 00"), r"\(fewer words or pointers than it says\)"),
    "fewer pointers": (GOOD.replace("000 |", "002 @ 00000000 n 0000 |"), r"\(fewer words or poin"),
    "an offset twice": (GOOD + GOOD, r"line 2: the offset 00000000 is already that of line 1"),
    "a dangling pointer": (
        GOOD.replace("000 |", "001 @ 00000007 n 0000 |"),
        r"data\.noun, line 1: points to 00000007-n, which is no synset of the database",
    ),
    "a pointer to no file": (
        GOOD.replace("000 |", "001 @ 00000007 x 0000 |"),
        r"data\.noun, line 1: points to 00000007-x, which is no synset of the database",
    ),
    "nothing": ("", r"its files hold no synset"),
    "Latin-1": (GOOD.encode() + b"caf\xe9", r"data\.noun, line 2: byte \d+ \(0xe9\) is not UTF-8"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_bad_input_is_one_line_that_names_the_place(tmp_path: Path, case: str) -> None:
    text, message = UNREADABLE[case]
    write_database(tmp_path, [])
    (tmp_path / "data.noun").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message) as caught:
        read_princeton_source(tmp_path, EN)
    assert "\n" not in str(caught.value)


def test_a_folder_without_the_files_says_what_lacks(tmp_path: Path) -> None:
    (tmp_path / "data.noun").write_text(GOOD)
    with pytest.raises(InputError, match=r": lacks data\.verb, data\.adj, data\.adv; .*wordnet-ba"):
        read_princeton_source(tmp_path, EN)


def test_an_archive_or_a_missing_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "wordnet.tar.gz").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"tar\.gz: this is a file, the folder with the database's"
    ):
        read_princeton_source(tmp_path / "wordnet.tar.gz", EN)
    with pytest.raises(InputError, match=r"gone: no such folder; Princeton WordNet 3\.0: get it"):
        read_princeton_source(tmp_path / "gone", EN)


def test_it_is_a_source_of_english_only(make_wordnet) -> None:
    message = r'Princeton WordNet is English, and \[run\] language is "vi"; set \[run\] language'
    with pytest.raises(InputError, match=message):
        read_princeton_source(make_wordnet().folder, find_language("vi"))


def test_ids_begin_with_the_prefix_of_the_settings(make_wordnet) -> None:
    folder = make_wordnet().folder
    for prefix, begins in ((None, "pwn-"), ("own", "own-")):
        source = SourceSettings(kind="princeton", path=folder, prefix=prefix)
        synsets = read_source(source, EN).synsets
        assert synsets
        assert all(synset.synset_id.startswith(begins) for synset in synsets)
