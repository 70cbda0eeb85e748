"""Princeton WordNet 3.0 through NLTK: what it says in English of a synset, by offset.

NLTK wants a file ``lexnames`` that some packages of the database leave out (Debian's
wordnet-base); its content is fixed, so it is made here where it is missing. NLTK also wants its
own copy of WordNet beside any other, for a mapping that is of no use here.
"""

from __future__ import annotations

import io
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.sources.supersenses import LEXICOGRAPHER_FILES
from schemas.errors import InputError

VERSION = "3.0"
MAX_SHIFT = 18
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_FILES = tuple(
    name for part in _PARTS.values() for name in (f"data.{part}", f"index.{part}", f"{part}.exc")
)
_PART_NUMBERS = {part: number for number, part in enumerate(_PARTS.values(), 1)}
_LINE_START = re.compile(rb"^([0-9]{8}) ", re.MULTILINE)

_HOW_TO_GET_IT = (
    "get it with `python -m nltk.downloader wordnet`, or install your system's package (Debian: "
    'wordnet-base) and set [source] wordnet to its folder, as in wordnet = "/usr/share/wordnet"'
)


@dataclass(frozen=True, slots=True)
class EnglishSynset:
    """What Princeton WordNet says of a synset."""

    lexicographer_file: str
    definition: str
    hypernyms: tuple[str, ...]
    examples: tuple[str, ...]


class PrincetonWordNet:
    """The database opened for look-ups; ``where`` names it in messages."""

    def __init__(self, reader: Any, where: str) -> None:
        self._reader = reader
        self._starts: dict[str, list[int]] = {}
        self.where = where

    def synset(self, offset: int, pos: str) -> EnglishSynset | None:
        """The synset at an offset of the data file of n, v, a or r; None where there is none.

        Debian corrects spelling mistakes in the definitions, which moves the synsets behind them
        by up to 18 bytes. No line of the data files is shorter than 37 bytes, so that the one
        synset that begins within 18 bytes of an offset is the one that was meant.
        """
        with _quiet():
            start = self._start(offset, pos)
            if start is None:
                return None
            return _english(self._reader.synset_from_pos_and_offset(pos, start))

    def _start(self, offset: int, pos: str) -> int | None:
        if pos not in self._starts:
            with self._reader.root.join(f"data.{_PARTS[pos]}").open() as file:
                self._starts[pos] = [int(start) for start in _LINE_START.findall(file.read())]
        starts = self._starts[pos]
        index = bisect_left(starts, offset - MAX_SHIFT)
        if index == len(starts) or starts[index] > offset + MAX_SHIFT:
            return None
        return starts[index]


def _english(synset: Any) -> EnglishSynset:
    # NLTK keeps pointers in a set: without sorting, their order differs from run to run.
    above = sorted(
        synset.hypernyms() + synset.instance_hypernyms(), key=lambda s: (s.pos(), s.offset())
    )
    return EnglishSynset(
        lexicographer_file=synset.lexname(),
        definition=synset.definition(),
        hypernyms=tuple(", ".join(n.replace("_", " ") for n in s.lemma_names()) for s in above),
        examples=tuple(synset.examples()),
    )


@contextmanager
def opened_wordnet(folder: Path | None) -> Iterator[PrincetonWordNet]:
    """Princeton WordNet 3.0 in a folder, or NLTK's own corpus; InputError says what to install."""
    from nltk.corpus.reader.wordnet import WordNetError

    with _root(folder) as (root, where), ExitStack() as streams, _quiet():
        try:
            reader = _reader_class(streams)(root, None)
            version = reader.get_version()
        except (OSError, AssertionError, ValueError, LookupError, WordNetError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"{where}: not a readable WordNet ({reason})") from error
        if version != VERSION:
            raise InputError(
                f"{where}: this is WordNet {version}, the .tab files refer to {VERSION}; "
                + _HOW_TO_GET_IT
            )
        yield PrincetonWordNet(reader, where)


@contextmanager
def _root(folder: Path | None) -> Iterator[tuple[Any, str]]:
    import nltk.data

    if folder is None:
        root = _nltk_corpus()
        if root is None:
            raise InputError(f"no Princeton WordNet {VERSION} found; " + _HOW_TO_GET_IT)
        yield root, str(getattr(root, "path", root))
        return
    folder = folder.resolve()
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        what = "no such folder" if not folder.is_dir() else f"lacks {', '.join(missing)}"
        raise InputError(f"{folder}: {what}; Princeton WordNet {VERSION}: {_HOW_TO_GET_IT}")
    # NLTK reads only under the folders registered here.
    nltk.data.path.append(str(folder))
    try:
        yield str(folder), str(folder)
    finally:
        nltk.data.path.remove(str(folder))


def _nltk_corpus() -> Any | None:
    import nltk.data

    for name in ("corpora/wordnet", "corpora/wordnet.zip/wordnet/"):
        try:
            return nltk.data.find(name)
        except LookupError:
            continue
    return None


def _reader_class(streams: ExitStack) -> Any:
    """NLTK's reader, whose files are closed with ``streams``; NLTK leaves them open."""
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class Reader(WordNetCorpusReader):  # type: ignore[misc]  # NLTK has no types
        def open(self, file: str) -> Any:
            try:
                return streams.enter_context(super().open(file))
            except OSError:
                if file != "lexnames":
                    raise
                return io.StringIO(_lexnames())

        def map_wn(self, version: str = "wordnet") -> None:
            """No mapping between versions: NLTK makes it for its other languages only."""

    return Reader


def _lexnames() -> str:
    """The file ``lexnames``: number, name and part of speech of each lexicographer file."""
    return "".join(
        f"{number:02d}\t{name}\t{_PART_NUMBERS[name.partition('.')[0]]}\n"
        for number, name in enumerate(LEXICOGRAPHER_FILES)
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """NLTK warns of a missing multilingual reader and of unknown offsets; both are dealt with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
