"""Princeton WordNet's database: the files ``data.noun``, ``.verb``, ``.adj`` and ``.adv``.

A line is a synset (manual page wndb(5WN)): its offset, which is its id within the file, the number
of its lexicographer file, its kind, its words, its pointers to other synsets, and its gloss, which
is the definition and then the examples in quotes. Satellites (kind s) count as adjectives (a),
whose file they share.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.sources.files import decode, numbered_lines, read_bytes
from pipeline.sources.supersenses import LEXICOGRAPHER_FILES
from schemas.errors import InputError
from schemas.files import explained

ENGLISH = "en"
VERSION = "3.0"
MAX_SHIFT = 18
FILES: Mapping[str, str] = {"n": "data.noun", "v": "data.verb", "a": "data.adj", "r": "data.adv"}
"""The file of each part of speech."""

HOW_TO_GET_IT = (
    "get it with `python -m nltk.downloader wordnet`, or install your system's package (Debian: "
    'wordnet-base), which lies in "/usr/share/wordnet"'
)
_NUMBER = re.compile(r"^ +[0-9]+ ?")
_VERSION = re.compile(r"Word[nN]et (\d+\.\d+) Copyright")
_LINE = re.compile(
    r"(?P<offset>[0-9]{8}) (?P<file>[0-9]{2}) (?P<kind>[nvasr]) (?P<n_words>[0-9a-f]{2}) "
)
_MARKER = re.compile(r"\((?:a|p|ip)\)$")  # where an adjective may stand
_ABOVE = ("@", "@i")
_EXAMPLES = re.compile(r'(?:^|[;:,])\s*"')
_INNER_QUOTES = re.compile(r"`([^`'\"]+)'")
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class PrincetonSynset:
    """A line of the database."""

    offset: int
    pos: str
    """The letter of its file: n, v, a or r."""
    lexicographer_file: str
    words: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]
    above: tuple[tuple[str, int], ...]
    """Letter and offset of its hypernyms, those of which it is an instance among them."""
    numbers: tuple[int, ...] = ()
    """For each word the number that tells its senses in the lexicographer file apart."""
    head: int | None = None
    """Of a satellite: the offset of the adjectives that it is grouped with."""


class PrincetonWordNet:
    """The synsets of a folder, each read from its line when it is asked for."""

    def __init__(self, where: str, files: Mapping[str, str]) -> None:
        """``where`` names the folder in messages, ``files`` hold the text by letter."""
        self.where = where
        self.notice = "\n".join(_header(next(iter(files.values()), "")))
        """Its licence, which is the header of every file."""
        found = _VERSION.search(self.notice)
        self.version = found[1] if found else None
        self._lines: dict[str, dict[int, tuple[int, str]]] = {}
        for pos, text in files.items():
            self._lines[pos] = self._numbered(pos, text)
        self._starts = {pos: sorted(lines) for pos, lines in self._lines.items()}

    def __iter__(self) -> Iterator[PrincetonSynset]:
        for pos, lines in self._lines.items():
            for offset in lines:
                yield self._synset(pos, offset)

    def get(self, offset: int, pos: str) -> PrincetonSynset | None:
        """The synset at an offset of the file of n, v, a or r, or moved a little; else None.

        Debian corrects spelling mistakes in the definitions, which moves the synsets behind them
        by up to 18 bytes. No line of the data files is shorter than 37 bytes, so that the one
        synset that begins within 18 bytes of an offset is the one that was meant.
        """
        starts = self._starts[pos]
        index = bisect_left(starts, offset - MAX_SHIFT)
        if index == len(starts) or starts[index] > offset + MAX_SHIFT:
            return None
        return self._synset(pos, starts[index])

    def hypernyms(self, synset: PrincetonSynset) -> tuple[str, ...]:
        """One entry a hypernym, in the order of their ids: its words, joined by a comma."""
        found = []
        for pos, offset in sorted(synset.above):
            if offset not in self._lines.get(pos, ()):
                number, _ = self._lines[synset.pos][synset.offset]
                raise InputError(
                    f"{self._place(synset.pos, number)}: points to {offset:08d}-{pos}, "
                    "which is no synset of the database"
                )
            words = self._synset(pos, offset).words
            found.append(", ".join(word.replace("_", " ") for word in words))
        return tuple(found)

    def _place(self, pos: str, number: int) -> str:
        return f"{self.where}/{FILES[pos]}, line {number}"

    def _numbered(self, pos: str, text: str) -> dict[int, tuple[int, str]]:
        """The lines of a file by offset; those of the header begin with two spaces."""
        lines: dict[int, tuple[int, str]] = {}
        for number, line in numbered_lines(text):
            if line.startswith("  "):
                continue
            offset = line[:8]
            if not (offset.isdecimal() and line[8:9] == " "):
                raise InputError(
                    f"{self._place(pos, number)}: not a line of a WordNet database, which begins "
                    f"with an offset of eight digits: {line[:40]!r}"
                )
            first = lines.setdefault(int(offset), (number, line))
            if first[0] != number:
                raise InputError(
                    f"{self._place(pos, number)}: the offset {offset} is already that of "
                    f"line {first[0]}"
                )
        return lines

    def _synset(self, pos: str, offset: int) -> PrincetonSynset:
        number, line = self._lines[pos][offset]
        try:
            return _parsed(pos, line)
        except (ValueError, IndexError) as error:
            raise InputError(
                f"{self._place(pos, number)}: not a line of a WordNet database ({error}): "
                f"{line[:40]!r}"
            ) from error


def _header(text: str) -> Iterator[str]:
    """The lines in front of the first synset, without the numbers that each begins with."""
    for line in text.splitlines():
        if not line.startswith("  "):
            return
        yield _NUMBER.sub("", line).rstrip()


def _parsed(pos: str, line: str) -> PrincetonSynset:
    """ValueError says what is wrong with the line."""
    columns, bar, gloss = line.partition(" | ")
    head = _LINE.match(columns)
    if head is None or not bar:
        raise ValueError("wanted: offset, file, kind, number of words, ..., | and a gloss")
    if ("a" if head["kind"] == "s" else head["kind"]) != pos:
        raise ValueError(f"a synset of kind {head['kind']} in {FILES[pos]}")
    if int(head["file"]) >= len(LEXICOGRAPHER_FILES):
        raise ValueError(f"there is no lexicographer file {head['file']}")
    fields = columns[head.end() :].split()
    satellite = head["kind"] == "s"
    n_words = int(head["n_words"], 16)
    words = fields[: 2 * n_words : 2]
    n_pointers = int(fields[2 * n_words])
    pointers = fields[2 * n_words + 1 : 2 * n_words + 1 + 4 * n_pointers]
    if not words or len(pointers) < 4 * n_pointers:
        raise ValueError("fewer words or pointers than it says")
    pointed = tuple(zip(pointers[::4], pointers[1::4], pointers[2::4], strict=True))
    definition, examples = _gloss(gloss)
    return PrincetonSynset(
        offset=int(head["offset"]),
        pos=pos,
        lexicographer_file=LEXICOGRAPHER_FILES[int(head["file"])],
        words=tuple(_MARKER.sub("", word) for word in words),
        definition=definition,
        examples=examples,
        above=tuple(
            ("a" if kind == "s" else kind, int(offset))
            for symbol, offset, kind in pointed
            if symbol in _ABOVE
        ),
        numbers=tuple(int(number, 16) for number in fields[1 : 2 * n_words : 2]),
        head=next((int(o) for symbol, o, _ in pointed if satellite and symbol == "&"), None),
    )


def _gloss(gloss: str) -> tuple[str, tuple[str, ...]]:
    """Definition and examples; who said an example stands behind it and is left out.

    A quote within the definition follows a word, an example follows a semicolon (now and then a
    colon or a comma). In twenty glosses a quote is missing; what is an example is not known there.
    Single quotes are ``like this'`` in the database.
    """
    gloss = _INNER_QUOTES.sub(r"‘\1’", gloss)
    found = _EXAMPLES.search(gloss)
    if found is None:
        return gloss.strip(" ;"), ()
    rest = gloss[found.start() :]
    examples = _QUOTED.findall(rest) if rest.count('"') % 2 == 0 else []
    return gloss[: found.start()].strip(" ;"), tuple(text.strip() for text in examples)


def open_wordnet(folder: Path | None) -> PrincetonWordNet:
    """Princeton WordNet in a folder, or NLTK's own corpus; InputError says what to install."""
    if folder is None:
        root = nltk_corpus()
        if root is None:
            raise InputError(
                f"no Princeton WordNet {VERSION} found; {HOW_TO_GET_IT} and is named by "
                "[source] wordnet, or [link] wordnet"
            )
        where = str(getattr(root, "path", root))
        data = {}
        for pos, name in FILES.items():
            with explained(f"{where}/{name}"), closing(root.join(name).open()) as file:
                data[pos] = file.read()
    else:
        missing = [name for name in FILES.values() if not (folder / name).is_file()]
        if missing:
            what = f"lacks {', '.join(missing)}" if folder.is_dir() else "no such folder"
            if folder.is_file():
                what = "this is a file, the folder with the database's files is wanted"
            raise InputError(f"{folder}: {what}; Princeton WordNet {VERSION}: {HOW_TO_GET_IT}")
        where = str(folder)
        data = {pos: read_bytes(folder / name) for pos, name in FILES.items()}
    texts = {pos: decode(content, f"{where}/{FILES[pos]}") for pos, content in data.items()}
    return PrincetonWordNet(where, texts)


def nltk_corpus() -> Any | None:
    """NLTK's copy of the database, where it was downloaded."""
    import nltk.data

    for name in ("corpora/wordnet", "corpora/wordnet.zip/wordnet/"):
        try:
            return nltk.data.find(name)
        except LookupError:
            continue
    return None
