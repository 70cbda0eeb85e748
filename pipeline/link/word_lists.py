"""Bilingual word lists that the user names: into English, in four formats, told by their endings.

=========  ==========================================================================
``.tsv``   ``word TAB English; English`` a line
``.json``  ``{word: {"definitions": ["@word\\n* noun\\n- English; English\\n=..."]}}``,
           the entries of the Free Vietnamese Dictionary Project
``.ifo``   StarDict: articles in the form of the last, or English lines
``.tab``   Open Multilingual Wordnet over Princeton WordNet 3.0: a lemma's very synsets
=========  ==========================================================================

Nothing of them reaches a table or a release; their licences concern only who uses them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from languages.language import Language
from pipeline.link.gloss_text import equivalents
from pipeline.link.ili import PRINCETON, adjectives_joined
from pipeline.link.stardict import stardict_articles
from pipeline.sources.files import decode, numbered_lines, read_bytes
from schemas.errors import InputError

FORMATS = (".tsv", ".json", ".ifo", ".tab")
_OTHER_LINES = ("@", "*", "=", "!", "#")
"""How lines of an article begin that are no translation: headword, part of speech, example."""


@dataclass(slots=True)
class WordList:
    """What all lists say of a word, by match key; each phrase once, in order."""

    phrases: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    synsets: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """Princeton's synsets, such as ``02129165-n``, of lists that name them."""

    def add(self, key: str, english: str) -> None:
        """Adds the phrases of a text."""
        for phrase in equivalents(english):
            self.phrases[key][phrase] = None

    def knows(self, key: str) -> bool:
        """Whether any list has the word."""
        return key in self.phrases or key in self.synsets


def read_word_lists(paths: Iterable[Path], language: Language) -> WordList:
    """All lists as one; InputError names file and line of what is no entry."""
    found = WordList()
    for path in paths:
        if path.suffix == ".tab":
            for word, synset in _omw(path):
                found.synsets[language.match_key(word)][synset] = None
        else:
            n_before = len(found.phrases)
            for word, english in _entries(path):
                found.add(language.match_key(word), english)
            if len(found.phrases) == n_before == 0:
                raise InputError(f"{path}: no entry in it with an English side")
    return found


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix == ".tsv":
        yield from _tsv(path)
    elif path.suffix == ".json":
        yield from _json(path)
    elif path.suffix == ".ifo":
        for word, article in stardict_articles(path):
            yield from ((word, line) for line in _translations(article))
    else:
        raise InputError(f"{path}: word lists end in {', '.join(FORMATS)}, not {path.suffix!r}")


def _tsv(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in numbered_lines(decode(read_bytes(path), str(path))):
        word, tab, english = line.partition("\t")
        if not (tab and word.strip() and english.strip()):
            raise InputError(
                f"{path}, line {number}: wanted a word, a tab and its English: {line[:40]!r}"
            )
        yield word, english.replace("\t", ";")


def _json(path: Path) -> Iterator[tuple[str, str]]:
    try:
        entries = orjson.loads(read_bytes(path))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON: {error}") from error
    wanted = '{"word": {"definitions": ["- English"]}}'
    if not isinstance(entries, dict):
        raise InputError(f"{path}: wanted {wanted}")
    for word, entry in entries.items():
        articles = entry.get("definitions") if isinstance(entry, dict) else None
        if not isinstance(articles, list) or not all(isinstance(text, str) for text in articles):
            raise InputError(f"{path}: the entry {word[:40]!r} is not of the form {wanted}")
        for article in articles:
            yield from ((word, line) for line in _translations(article))


def _translations(article: str) -> Iterator[str]:
    """The lines of an article that translate its word."""
    for line in map(str.strip, article.splitlines()):
        if line and not line.startswith(_OTHER_LINES):
            yield line.removeprefix("-").strip()


def _omw(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in numbered_lines(decode(read_bytes(path), str(path))):
        if line.startswith("#"):
            continue
        columns = line.split("\t")
        key = PRINCETON.fullmatch(columns[0].strip())
        if key is None or len(columns) < 3:
            raise InputError(
                f"{path}, line {number}: wanted offset-pos, a tab, the kind, a tab and a lemma: "
                f"{line[:40]!r}"
            )
        if columns[1].strip().endswith("lemma"):
            yield columns[2], adjectives_joined(key[0])
