"""Extended Open Multilingual Wordnet: a ``.tab`` file over Princeton WordNet 3.0.

A line is ``offset-pos TAB vie:lemma TAB lemma``, where ``vie`` is the language's code of three
letters; a file may also hold ``vie:def`` and ``vie:exe`` lines, with a number before the text. The
first line, ``# name TAB language TAB url TAB licence``, describes the source. Satellites (pos s)
count as adjectives (a), whose data file they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from languages.language import Language
from pipeline.sources.files import decode, numbered_lines, read_bytes
from pipeline.sources.interface import Lexicon, SourceDescription, SourceSynset
from pipeline.sources.princeton_file import (
    ENGLISH,
    HOW_TO_GET_IT,
    VERSION,
    PrincetonWordNet,
    open_wordnet,
)
from pipeline.sources.supersenses import pos_of
from schemas.errors import InputError
from schemas.ids import synset_id
from schemas.records import SourceText

PREFIX = "omw"

_KEY = re.compile(r"([0-9]{8})-([nvars])")
_COLLECTION = "Extended Open Multilingual Wordnet"
_HINTS = "English hints: Princeton WordNet 3.0 (WordNet licence)"


@dataclass(slots=True)
class Entry:
    """What the lines of one synset say; ``where`` is the first of them."""

    where: str
    lemmas: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def read_omw_source(
    path: Path, wordnet: Path | None, language: Language, prefix: str = PREFIX
) -> Lexicon:
    """The synsets of a .tab file with the hints of Princeton WordNet."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; give the .tab file in it")
    lines = list(numbered_lines(decode(read_bytes(path), str(path))))
    entries = _entries(lines, str(path), language)
    if not entries:
        wanted = language.names.code_3
        raise InputError(f"{path}: no {wanted}:lemma line in it; {_wanted(wanted)}")
    english = open_wordnet(wordnet)
    if english.version != VERSION:
        raise InputError(
            f"{english.where}: this is WordNet {english.version}, the .tab files refer to "
            f"{VERSION}; {HOW_TO_GET_IT}"
        )
    return Lexicon(_description(lines), tuple(_synsets(entries, english, language, prefix)))


def _entries(
    lines: list[tuple[int, str]], path: str, language: Language
) -> dict[tuple[str, str], Entry]:
    wanted = language.names.code_3
    entries: dict[tuple[str, str], Entry] = {}
    for number, line in lines:
        if line.startswith("#"):
            continue
        where = f"{path}, line {number}"
        key, kind, text = _columns(line, where, wanted)
        stated, _, kind = kind.rpartition(":")
        if stated not in ("", wanted):
            raise InputError(f"{where}: language {stated!r}, {wanted!r} is wanted")
        entry = entries.setdefault(key, Entry(where))
        targets = {"lemma": entry.lemmas, "def": entry.definitions, "exe": entry.examples}
        if kind not in targets:
            raise InputError(f"{where}: unknown kind {kind!r}; known: lemma, def, exe")
        targets[kind].append(text)
    return entries


def _wanted(language: str) -> str:
    return f"wanted: offset-pos TAB {language}:lemma TAB lemma"


def _columns(line: str, where: str, language: str) -> tuple[tuple[str, str], str, str]:
    """((offset, pos), kind, text) of a line; definitions and examples have a column more."""
    columns = line.split("\t")
    is_lemma = len(columns) > 1 and columns[1].endswith("lemma")
    if len(columns) not in ((3,) if is_lemma else (3, 4)):
        raise InputError(f"{where}: {len(columns)} columns; {_wanted(language)}: {line[:60]!r}")
    match = _KEY.fullmatch(columns[0].strip())
    if match is None:
        raise InputError(
            f"{where}: {columns[0]!r} is not a synset of WordNet {VERSION}; {_wanted(language)}"
        )
    offset, pos = match.groups()
    return (offset, "a" if pos == "s" else pos), columns[1].strip(), columns[-1]


def _synsets(
    entries: dict[tuple[str, str], Entry],
    english: PrincetonWordNet,
    language: Language,
    prefix: str,
) -> Iterator[SourceSynset]:
    for (offset, pos), entry in entries.items():
        hints = english.get(int(offset), pos)
        if hints is None:
            raise InputError(
                f"{entry.where}: {offset}-{pos} is not in {english.where}; "
                "the file refers to another version of WordNet"
            )
        supersense = hints.lexicographer_file.lower()
        own = SourceText.of("; ".join(entry.definitions), language.code)
        yield SourceSynset(
            synset_id=synset_id(prefix, f"{offset}-{pos}"),
            pos=pos_of(supersense),
            supersense=supersense,
            lemmas=tuple(entry.lemmas),
            gloss=own or SourceText.of(hints.definition, ENGLISH),
            hypernyms=english.hypernyms(hints),
            examples=(
                *SourceText.each(entry.examples, language.code),
                *SourceText.each(hints.examples, ENGLISH),
            ),
        )


def _description(lines: list[tuple[int, str]]) -> SourceDescription:
    first = lines[0][1]
    columns = [column.strip() for column in first.lstrip("# ").split("\t")]
    if not first.startswith("#") or len(columns) != 4:
        return SourceDescription(_COLLECTION, "", f"not stated; {_HINTS}")
    name, _, url, licence = columns
    return SourceDescription(f"{name} ({_COLLECTION})", url, f"{licence}; {_HINTS}")
